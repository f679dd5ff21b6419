"""A counterpart as a process of its own beside the platform: started, told, killed, begun again."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ansinh.demo.counterpart.books import FILE
from ansinh.demo.counterpart.control import Control, read_control, read_status, tell
from ansinh.demo.counterpart.modes import Mode
from ansinh.demo.insurer.address import Address, keep_address
from ansinh.demo.partners import Endpoint
from libs.common.security.issuer import PASSWORD

_POLL_SECONDS = 0.05
_LOG = "process.log"


class CounterpartDied(Exception):
    """Its process ended; SIGKILL is `-9`."""

    def __init__(self, code: int, log: str) -> None:
        super().__init__(f"{code}: {log}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Program:
    """What runs.

    Attributes:
        name: of the module below `ansinh.demo`, and of the user.
        service: that it speaks to.
        url: where the platform is served.
        areas: area codes that its token names.
    """

    name: str
    service: str
    url: str
    areas: tuple[str, ...]


class CounterpartProcess:
    """One counterpart and its folder.

    Args:
        folder: keeps its books over restarts.
        program: what runs.
    """

    def __init__(self, folder: Path, program: Program) -> None:
        self.folder = folder
        self._program = program
        self._process: asyncio.subprocess.Process | None = None

    @property
    def books(self) -> Path:
        return self.folder / FILE

    @property
    def last_day(self) -> date | None:
        """The last business day that it was told; None: it is new."""
        return read_control(self.folder).day

    def tell(
        self, day: date, modes: frozenset[Mode] = frozenset(), *, reconciles: bool = False
    ) -> None:
        """Its business day and how it behaves, from its next round on."""
        serial = read_control(self.folder).serial + 1
        tell(self.folder, Control(serial, day, modes, reconciles))

    async def start(self, faults: str = "") -> None:
        """Start it; `faults` arms named points (`libs.common.faults`)."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = self._program
        password = {f"ANSINH_{ours.name.upper()}_PASSWORD": PASSWORD}
        with (self.folder / _LOG).open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                f"ansinh.demo.{ours.name}",
                str(self.folder),
                f"--{ours.service}",
                f"{ours.url}/{ours.service}",
                "--issuer",
                f"{ours.url}/issuer",
                "--areas",
                ",".join(ours.areas),
                "--parent",
                str(os.getpid()),
                env={**os.environ, "ANSINH_FAULTS": faults, **password},
                stdout=log,
                stderr=log,
            )

    def tell_again(self) -> None:
        """What it was told last, so that `settle` waits for a round from now on."""
        known = read_control(self.folder)
        tell(self.folder, replace(known, serial=known.serial + 1))

    async def unless_dead(self, waiting: Awaitable[None]) -> None:
        """Wait for something that needs it alive.

        Raises:
            CounterpartDied: its process ended before.
        """
        task = asyncio.ensure_future(waiting)
        while not task.done():
            try:
                self._raise_if_dead()
            except CounterpartDied:
                task.cancel()
                raise
            await asyncio.wait((task,), timeout=_POLL_SECONDS)
        await task

    def _raise_if_dead(self) -> None:
        code = self._process.returncode if self._process else None
        if code is not None:
            raise CounterpartDied(code, (self.folder / _LOG).read_text("utf-8")[-2_000:])

    async def settle(self) -> None:
        """Wait until nothing is left to do for what it was told last.

        Raises:
            CounterpartDied: its process ended before.
        """
        wanted = read_control(self.folder).serial
        while True:
            self._raise_if_dead()
            status = read_status(self.folder)
            if status.is_idle and status.serial >= wanted:
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def kill(self) -> None:
        """SIGKILL, wherever it is."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
            self._process = None

    @contextlib.asynccontextmanager
    async def running(self, faults: str = "") -> AsyncIterator[None]:
        """It runs for the length of the block."""
        await self.start(faults)
        try:
            yield
        finally:
            await self.kill()


def insurer_process(
    folder: Path, url: str, areas: tuple[str, ...], endpoint: Endpoint
) -> CounterpartProcess:
    """The insurer of these communes, told at an endpoint."""
    keep_address(folder, Address(endpoint.port, endpoint.secrets))
    return CounterpartProcess(folder, Program("insurer", "eligibility", url, areas))


def bank_process(folder: Path, url: str, areas: tuple[str, ...]) -> CounterpartProcess:
    """The bank's office for these communes."""
    return CounterpartProcess(folder, Program("bank", "credit", url, areas))
