"""What screens need to be told: where browsers reach them, and how sign-ins are sealed."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from libs.common.web.screens.seal import Seal


@dataclass(frozen=True)
class ScreenSettings:
    """The settings of one process that shows screens.

    Attributes:
        public_url: of the service as a browser reaches it, e.g. `https://example.vn/registry`.
        issuer: the OpenID Connect issuer's URL.
        client_id: who we are to it; a public client with PKCE.
        seal: what cookies are sealed under.
        client: asks the issuer; closed by whoever made it.
    """

    public_url: str
    issuer: str
    client_id: str
    seal: Seal
    client: httpx.AsyncClient

    @property
    def origin(self) -> str:
        """What a browser says in `Origin` on a page of ours."""
        return origin_of(self.public_url)

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https://")


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
