"""Certificates of partners and servers, made here; each signs its own."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificate:
    name: str
    pem: str
    key: str
    der: bytes

    @classmethod
    def made(cls, name: str = "partner") -> Self:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        encoding = serialization.Encoding
        private = key.private_bytes(
            encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem, der = made.public_bytes(encoding.PEM), made.public_bytes(encoding.DER)
        return cls(name, pem.decode(), private.decode(), der)

    @property
    def thumbprint(self) -> str:
        """`x5t#S256`."""
        digest = hashlib.sha256(self.der).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    @property
    def header(self) -> str:
        """As nginx passes it on."""
        return quote(self.pem)

    @property
    def header_of_rfc_9440(self) -> str:
        return f":{base64.b64encode(self.der).decode()}:"

    def files(self, folder: Path) -> tuple[Path, Path]:
        """Certificate and key, as TLS libraries load them."""
        paths = folder / f"{self.name}.pem", folder / f"{self.name}.key"
        for path, text in zip(paths, (self.pem, self.key), strict=True):
            path.write_text(text, encoding="utf-8")
        return paths
