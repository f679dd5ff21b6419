"""The gateway's own configuration under a real nginx, with mutual TLS for partners."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from libs.common.security.certificates import thumbprint_of
from tests.support.bus import eventually
from tests.support.certificates import Certificate
from tests.support.doors import free_port
from tests.support.servers import repository

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")

HEADER = "X-Client-Cert"
PATH = "/credit/v1/loans"


@dataclass(frozen=True)
class Gateway:
    plain: str
    partners: str
    folder: Path
    server: Certificate

    def reload(self) -> None:
        subprocess.run([*self.command, "-s", "reload"], check=True)

    @property
    def command(self) -> list[str]:
        return ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def trust(self, *clients: Certificate) -> None:
        text = "".join(one.pem for one in clients)
        (self.folder / "partners/clients.pem").write_text(text, encoding="utf-8")

    def client(self, certificate: Certificate | None) -> httpx.AsyncClient:
        context = ssl.create_default_context(cadata=self.server.pem)
        if certificate is not None:
            context.load_cert_chain(*certificate.files(self.folder))
        return httpx.AsyncClient(base_url=self.partners, verify=context)


async def _say_certificate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The service behind: answers the header that came."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    said = next((one.partition(": ")[2] for one in head if one.startswith(f"{HEADER}: ")), "")
    body = said.encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body))
    writer.write(body)
    await writer.drain()
    writer.close()


@pytest_asyncio.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """The committed files; only addresses and folders are this test's."""
    behind = await asyncio.start_server(_say_certificate, "127.0.0.1", 0)
    port = behind.sockets[0].getsockname()[1]
    plain, partners = free_port(), free_port()
    (tmp_path / "doors").mkdir()
    (tmp_path / "partners").mkdir()
    for source, name in (
        ("nginx.conf", "nginx.conf"),
        ("services.conf", "services.conf"),
        ("partners.conf", "doors/partners.conf"),
    ):
        text = (repository() / "deploy/gateway" / source).read_text(encoding="utf-8")
        text = text.replace("/etc/nginx/", f"{tmp_path}/").replace("/dev/stdout quiet", "off")
        text = text.replace("$service-api:8000", f"127.0.0.1:{port}")
        text = text.replace("listen 8000", f"listen 127.0.0.1:{plain}")
        text = text.replace("listen 8443", f"listen 127.0.0.1:{partners}")
        if name == "nginx.conf":
            text = f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/errors;\n" + text
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
                text = text.replace("http {", f"http {{\n  {kind}_temp_path {tmp_path}/{kind};", 1)
        (tmp_path / name).write_text(text, encoding="utf-8")
    server = Certificate.made("localhost")
    (tmp_path / "partners/server.pem").write_text(server.pem, encoding="utf-8")
    (tmp_path / "partners/server.key").write_text(server.key, encoding="utf-8")
    made = Gateway(f"http://127.0.0.1:{plain}", f"https://localhost:{partners}", tmp_path, server)
    made.trust(server)
    process = await asyncio.create_subprocess_exec(*made.command)
    try:
        yield made
    finally:
        process.terminate()
        await process.wait()
        behind.close()


async def is_up(gateway: Gateway) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(gateway.plain)).status_code == 200
        except httpx.TransportError:
            return False


async def test_a_certificate_comes_through_the_partners_door_alone(gateway: Gateway) -> None:
    old, new, strange = (Certificate.made(name) for name in ("old", "new", "strange"))
    gateway.trust(old)
    await eventually(lambda: is_up(gateway))
    gateway.reload()
    forged = {HEADER: strange.header}

    async with httpx.AsyncClient(base_url=gateway.plain) as anybody:
        assert (await anybody.get(PATH, headers=forged)).text == ""
        assert (await anybody.get("/credit/internal/v1/partners")).status_code == 404

    async def seen(certificate: Certificate | None) -> str | None:
        async with gateway.client(certificate) as client:
            answer = await client.get(PATH, headers=forged)
            return thumbprint_of(answer.text) if answer.status_code == 200 else None

    async def is_let_in(certificate: Certificate) -> bool:
        return await seen(certificate) == certificate.thumbprint

    await eventually(lambda: is_let_in(old))
    assert await seen(new) is None
    assert await seen(None) is None
    gateway.trust(old, new)
    gateway.reload()
    await eventually(lambda: is_let_in(new))
    assert await is_let_in(old)
    gateway.trust(new)
    gateway.reload()

    async def is_shut_out() -> bool:
        return await seen(old) is None

    await eventually(is_shut_out)
    assert await is_let_in(new)
