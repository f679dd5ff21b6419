"""Client certificates, made here."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def a_certificate() -> tuple[str, str]:
    """A self-signed one: its thumbprint (`x5t#S256`) and how nginx passes it on."""
    der, pem = _made()
    return _base64(hashlib.sha256(der).digest()), quote(pem)


def a_certificate_of_rfc_9440() -> tuple[str, str]:
    """The same, with the header that RFC 9440 describes."""
    der, _ = _made()
    thumbprint = _base64(hashlib.sha256(der).digest())
    return thumbprint, f":{base64.b64encode(der).decode()}:"


def _made() -> tuple[bytes, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding
    return made.public_bytes(encoding.DER), made.public_bytes(encoding.PEM).decode()


def _base64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
