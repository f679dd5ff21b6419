"""The bank as a process of its own beside the platform: started, told, killed, started again."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

from ansinh.demo.bank.books import FILE
from ansinh.demo.bank.control import Control, read_control, read_status, tell
from ansinh.demo.bank.modes import Mode
from libs.common.security.issuer import PASSWORD

_POLL_SECONDS = 0.05
_LOG = "bank.log"


class BankDied(Exception):
    """The bank's process ended; SIGKILL is `-9`."""

    def __init__(self, code: int, log: str) -> None:
        super().__init__(f"{code}: {log}")
        self.code = code


class BankProcess:
    """One bank and its folder.

    Args:
        folder: keeps its books over restarts.
        url: where the platform is served.
        areas: area codes that its token names.
    """

    def __init__(self, folder: Path, url: str, areas: tuple[str, ...]) -> None:
        self.folder = folder
        self._url = url
        self._areas = areas
        self._process: asyncio.subprocess.Process | None = None

    @property
    def books(self) -> Path:
        return self.folder / FILE

    @property
    def last_day(self) -> date | None:
        """The last business day that it was told; None: it is new."""
        return read_control(self.folder).day

    def tell(self, day: date, modes: frozenset[Mode] = frozenset()) -> None:
        """Its business day and how it behaves, from its next round on."""
        tell(self.folder, Control(read_control(self.folder).serial + 1, day, modes))

    async def start(self, faults: str = "") -> None:
        """Start it; `faults` arms named points (`libs.common.faults`)."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / _LOG).open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "ansinh.demo.bank",
                str(self.folder),
                "--credit",
                f"{self._url}/credit",
                "--issuer",
                f"{self._url}/issuer",
                "--areas",
                ",".join(self._areas),
                "--parent",
                str(os.getpid()),
                env={**os.environ, "ANSINH_FAULTS": faults, "ANSINH_BANK_PASSWORD": PASSWORD},
                stdout=log,
                stderr=log,
            )

    async def settle(self) -> None:
        """Wait until nothing is left to do for what it was told last.

        Raises:
            BankDied: its process ended before.
        """
        wanted = read_control(self.folder).serial
        while True:
            code = self._process.returncode if self._process else None
            if code is not None:
                raise BankDied(code, (self.folder / _LOG).read_text("utf-8")[-2_000:])
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
