"""TLS in front of a service that has none, for programs that speak nothing else."""

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from tests.support.certificates.issued import Issued, a_key, authority

HOST = "127.0.0.1"


@contextmanager
def tls_before(url: str, folder: Path) -> Iterator[str]:
    """`host:port`, behind which `url` is answered over TLS; `folder` gets the root to trust, `tls-root.pem`."""
    server = _certificate_of_host()
    (folder / "tls-root.pem").write_bytes(authority().pem)
    (folder / "tls.pem").write_bytes(server.pem + server.key_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    behind = urlsplit(url)

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source, sink = await asyncio.open_connection(behind.hostname, behind.port)
        await asyncio.gather(_copy(reader, sink), _copy(source, writer))

    loop = asyncio.new_event_loop()
    listener = loop.run_until_complete(asyncio.start_server(hand_on, HOST, 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"{HOST}:{listener.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_end(listener), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Until one of the two hangs up; then the other is told."""
    with suppress(ConnectionError):
        while part := await source.read(1 << 16):
            sink.write(part)
            await sink.drain()
    sink.close()
    with suppress(ConnectionError, ssl.SSLError):
        await sink.wait_closed()


async def _end(listener: asyncio.Server) -> None:
    """Take no more connections, and leave those that a program keeps open."""
    listener.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _certificate_of_host() -> Issued:
    """A server's certificate for `HOST` (RFC 6125, 6.4: the name stands in the subject's alternative names)."""
    key, issuer, now = a_key(), authority(), datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
    )
    return Issued(builder.sign(issuer.key, hashes.SHA256()), key, (issuer.certificate,))
