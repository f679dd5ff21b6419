"""The registry's API as a process of its own, which can be killed.

It does what `ansinh run registry api` does, but is forked from the server of `tests.support.peer`;
that the command itself does it is what `tests/e2e/test_compose.py` shows.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from ansinh.cli import cli
from libs.common import faults as kill_points
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.roles import Role
from libs.common.settings import Mode
from tests.support.bus import eventually
from tests.support.doors import free_port
from tests.support.peer import PROCESSES


def _run(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    kill_points.arm(environment["ANSINH_FAULTS"])
    cli(["run", "registry", "api"])


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
        self._process: BaseProcess | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def bearer(self, role: Role) -> dict[str, str]:
        """The header of a caller for every area."""
        return {"Authorization": f"Bearer {self._issuer.token(role)}"}

    def start(self, faults: str = "") -> None:
        """Start it, with kill points armed."""
        environment = {**self._environment, "ANSINH_FAULTS": faults}
        self._process = PROCESSES.Process(target=_run, args=(environment,), daemon=True)
        self._process.start()

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.exitcode is not None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()

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
