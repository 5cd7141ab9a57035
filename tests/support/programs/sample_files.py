"""Files of the formats that programs sign: as small as each format allows."""

import io
import struct
import zipfile
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.certificates.issued import Issued, a_key, authority


def smallest_windows_program() -> bytes:
    """A PE file with one empty section: what Authenticode needs, and nothing that runs."""
    dos = bytearray(64)
    dos[:2], dos[60:64] = b"MZ", (64).to_bytes(4, "little")
    coff = b"PE\0\0" + bytes.fromhex("4c01 0100 00000000 00000000 00000000 e000 0201")
    optional = bytearray(224)
    optional[:2] = b"\x0b\x01"
    optional[28:32] = (0x400000).to_bytes(4, "little")
    optional[32:36], optional[36:40] = (0x1000).to_bytes(4, "little"), (0x200).to_bytes(4, "little")
    optional[40:42], optional[48:50] = b"\4\0", b"\4\0"
    optional[56:60], optional[60:64] = (0x2000).to_bytes(4, "little"), (0x200).to_bytes(4, "little")
    optional[68:70], optional[92:96] = b"\3\0", (16).to_bytes(4, "little")
    numbers = (0x200, 0x1000, 0x200, 0x200, 0, 0, 0, 0x60000020)
    section = b".text\0\0\0" + b"".join(number.to_bytes(4, "little") for number in numbers)
    head = bytes(dos) + coff + bytes(optional) + section
    return head.ljust(0x200, b"\0") + bytes(0x200)


def smallest_pdf() -> bytes:
    """A document of one empty page."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << >> >>",
    )
    written, places = b"%PDF-1.5\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(written)
    return written + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer


def smallest_kernel_module() -> bytes:
    """An ELF file that says what a module says of itself, and has no code (elf(5): the 64-bit header and sections)."""
    told, names = b"license=GPL\0name=hello\0", b"\0.modinfo\0.shstrtab\0"
    at = 64
    sections = (
        bytes(64),
        _elf_section(1, 1, at, len(told)),
        _elf_section(10, 3, at + len(told), len(names)),
    )
    content = told + names
    content += bytes(-len(content) % 8)
    identity = b"\x7fELF" + bytes((2, 1, 1)) + bytes(9)
    # ET_REL for x86-64, without program headers; the last section has the names of all.
    header = struct.pack("<HHIQQQIHHHHHH", 1, 62, 1, 0, 0, at + len(content), 0, 64, 0, 0, 64, 3, 2)
    return identity + header + content + b"".join(sections)


def _elf_section(name: int, kind: int, at: int, size: int) -> bytes:
    return struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, at, size, 0, 0, 1, 0)


def smallest_package() -> bytes:
    """An Android package for those who say for which versions it is: a manifest that says nothing, and a file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AndroidManifest.xml", b"")
        archive.writestr("classes.dex", b"dex\n035\0")
    return made.getvalue()


def with_a_bit_flipped(content: bytes, *, at: int) -> bytes:
    """`content` with the lowest bit of one byte the other way round."""
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


def time_stamper() -> Issued:
    """Who may sign time stamps (RFC 3161, 2.3), and nothing else."""
    key, issuer, now = a_key("RSA_2048"), authority(), datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test time stamps")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    )
    return Issued(builder.sign(issuer.key, hashes.SHA256()), key, (issuer.certificate,))
