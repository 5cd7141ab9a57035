"""What an import asks for, and its outcome."""

from dataclasses import dataclass, field

from signet.domain.certificates.certificate_settings import KEEP, CertificateUpdate, Keep
from signet.domain.certificates.overview import Overview


@dataclass(frozen=True, slots=True)
class ImportCommand:
    """A certificate file, and the settings it is to have; parsed."""

    content: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    """PEM, beside a file that has none."""
    private_key_password: str | None = field(default=None, repr=False)
    settings: CertificateUpdate = field(default_factory=CertificateUpdate)
    """Of a certificate that is here already what was not given stays, and the groups are added."""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuedCommand:
    """The CA's answer to a signing request, and the settings for the certificate; parsed."""

    content: bytes = field(repr=False)
    owner: str | Keep | None = KEEP
    groups: tuple[str, ...] | Keep = KEEP
    disable_renewed: bool = False

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of the settings that were given."""
        given = {
            "owner": self.owner is not KEEP,
            "groups": self.groups is not KEEP,
            "disable_renewed": self.disable_renewed,
        }
        return tuple(name for name, is_given in given.items() if is_given)


@dataclass(frozen=True, slots=True)
class Imported:
    """The certificate, and whether it is new here or gained something."""

    overview: Overview
    created: bool
    warnings: tuple[str, ...] = ()
    """What is odd about it, and allowed."""
