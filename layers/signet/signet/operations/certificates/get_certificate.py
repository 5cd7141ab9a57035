"""GetCertificate: the overview."""

from signet.domain.access.principal import Principal
from signet.domain.certificates.overview import Overview, overview
from signet.operations.authorisation import readable
from signet.ports.store import Records


def get_certificate(reference: str, *, by: Principal, records: Records) -> Overview:
    """The certificate that `reference`, an id or alias, names, as it is now.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: the role of `by` covers it without letting look.
    """
    certificate = readable(snapshot := records.load(reference), by)
    return overview(certificate, snapshot.usage, snapshot.access, by)
