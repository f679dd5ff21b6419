"""A service's screens with the development issuer beside them, and a browser to meet them with."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl

import httpx
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount

from libs.common.clock import Clock
from libs.common.roles import serve
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.roles import Role
from libs.common.security.tokens import StaticKeys, TokenVerifier
from libs.common.service import Service
from libs.common.settings import Mode
from libs.common.web import create_app
from libs.common.web.screens.seal import Seal
from libs.common.web.screens.settings import ScreenSettings
from tests.support.edge import share_routes
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

SEAL = Seal("of-the-tests-alone-and-long-enough-for-a-key")


class Browser:
    """Follows links and sends forms as a browser without JavaScript does.

    Args:
        client: keeps its cookies.
        url: where the screens' server is.
    """

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self.client = client
        self.url = url
        self.base = f"{url}/registry/screens"

    async def open(self, path: str) -> httpx.Response:
        """A page of the screens, after whatever it leads to."""
        return await self.client.get(self.base + path, follow_redirects=True)

    async def send(self, path: str, token: str = "", **fields: str) -> httpx.Response:
        """Send a form from a page that carries a token."""
        sent = {"_token": token, **fields}
        headers = {"Origin": self.url}
        return await self.client.post(self.base + path, data=sent, headers=headers)

    async def upload(self, path: str, fields: Mapping[str, str], content: bytes) -> httpx.Response:
        """Send a form with a file in it."""
        return await self.client.post(
            self.base + path,
            data=dict(fields),
            files={"/file": ("danh-sach.csv", content)},
            headers={"Origin": self.url},
        )

    async def sign_in(
        self, role: Role, areas: str = "*", name: str = "", path: str = "/households"
    ) -> httpx.Response:
        """As somebody of the development issuer; the page that was asked for."""
        door = await self.open(path)
        asked = dict(parse_qsl(door.url.query.decode()))
        assert door.url.path == "/issuer/authorize", door.text
        form = {**asked, "role": role.value, "areas": areas, "name": name}
        return await self.client.post(
            f"{self.url}/issuer/authorize", data=form, follow_redirects=True
        )


def token_of(page: httpx.Response) -> str:
    """What a form of the page carries."""
    found = re.search(r'name="_token" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return found.group(1)


@dataclass(frozen=True)
class ShownScreens:
    """Where screens are."""

    url: str
    app: Starlette

    @property
    def base(self) -> str:
        return f"{self.url}/registry/screens"

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """A fresh browser, within this process."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            yield Browser(client, self.url)


@asynccontextmanager
async def shown(
    service: Service, database: ServiceDatabase, clock: Clock, *, port: int | None = None
) -> AsyncIterator[ShownScreens]:
    """The screens of a service with the development issuer beside them.

    Args:
        port: to be served on, for a real browser; None: within this process alone.
    """
    url = f"http://127.0.0.1:{port or 8000}"
    issuer = DevelopmentIssuer(f"{url}/issuer", "ansinh", None, Mode.TEST)
    auth = TokenVerifier(issuer.url, "ansinh", StaticKeys(KeySet([issuer.key])))
    issuing = Starlette(routes=[Mount("/issuer", issuer.app())])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(issuing))
    settings = ScreenSettings(f"{url}/registry", issuer.url, "ansinh", SEAL, client)
    async with database.as_api(clock) as connections, client:
        app = create_app(
            service, connections, clock=clock, auth=auth, screens=settings, vault=VAULT
        )
        share_routes(app)
        whole = Starlette(routes=[Mount("/registry", app), *issuing.routes])
        if port is None:
            yield ShownScreens(url, whole)
            return
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(whole, "127.0.0.1", port, stop))
        try:
            yield ShownScreens(url, whole)
        finally:
            stop.set()
            await serving
