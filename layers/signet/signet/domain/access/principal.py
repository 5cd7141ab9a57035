"""Who calls, and from where."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one request, as the authorizer handed it on."""

    user: str
    """`<issuer alias>/<name>`, as in `corp/alice`."""
    user_groups: frozenset[str] = frozenset()
    """`<issuer alias>/<name>` each, of the same issuer."""
    source_ip: str = ""
    """The address API Gateway saw; empty for automation."""
    user_agent: str = ""
    request_id: str = field(default="", compare=False)
    """API Gateway's, to find the request in every log."""
