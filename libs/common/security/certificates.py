"""A client's certificate as the gateway that ended its TLS passes it on, and its thumbprint.

The gateway has checked the chain and that the client holds the key; it sets the header on every
request and lets none through from outside. nginx passes `$ssl_client_escaped_cert` (a PEM, URL
encoded), others `Client-Cert` (RFC 9440: the DER in base64 between colons).
"""

import base64
import binascii
import hashlib
import ssl
from urllib.parse import unquote

THUMBPRINT = r"^[A-Za-z0-9_-]{43}$"
_LONGEST = 16_384


def thumbprint_of(header: str) -> str | None:
    """SHA-256 of the certificate's DER in base64url, as `x5t#S256` (RFC 8705) says it; None where
    no certificate stands in the header.
    """
    if not header or len(header) > _LONGEST:
        return None
    try:
        if header.startswith(":"):
            der = base64.b64decode(header.strip(":"), validate=True)
        else:
            der = ssl.PEM_cert_to_DER_cert(unquote(header))
    except (binascii.Error, ValueError):
        return None
    if not der:
        return None
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
