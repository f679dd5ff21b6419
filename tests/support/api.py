"""The registry's API as a process of its own, which can be killed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.roles import Role
from libs.common.settings import Mode
from tests.support.bus import eventually
from tests.support.doors import free_port
from tests.support.servers import repository


class Api:
    """One address for one process after the other.

    Args:
        dsn: the registry's database, under its API role.
        issuer: the URL of the development issuer.
        folder: where that keeps its key.
    """

    def __init__(self, dsn: str, issuer: str, folder: Path) -> None:
        self._issuer = DevelopmentIssuer(issuer, "ansinh", folder, Mode.TEST)
        self._port = free_port()
        self._environment = {
            "PATH": os.environ["PATH"],
            "ANSINH_MODE": "test",
            "ANSINH_API_DSN": dsn,
            "ANSINH_ISSUER_URL": issuer,
            "ANSINH_PORT": str(self._port),
            "ANSINH_LOG_LEVEL": "ERROR",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def bearer(self, role: Role) -> dict[str, str]:
        """The header of a caller for every area."""
        return {"Authorization": f"Bearer {self._issuer.token(role)}"}

    def start(self, faults: str = "") -> None:
        """Start it, with kill points armed."""
        environment = {**self._environment, "ANSINH_FAULTS": faults}
        command = [sys.executable, "-m", "ansinh", "run", "registry", "api"]
        self._process = subprocess.Popen(command, cwd=repository(), env=environment)

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def answers(self) -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{self.url}/health/live")).is_success
        except httpx.TransportError:
            return False

    @asynccontextmanager
    async def running(self, faults: str = "") -> AsyncIterator[httpx.AsyncClient]:
        """A client of the running process, which is killed at the end."""
        self.start(faults)
        try:
            await eventually(self.answers)
            async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
                yield client
        finally:
            await asyncio.to_thread(self.kill)
