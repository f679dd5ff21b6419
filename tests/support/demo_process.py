"""`ansinh demo` as the process that people start, which can be killed at any point of its talk."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ansinh.embedded.postgres import EmbeddedPostgres
from tests.support.doors import free_port
from tests.support.servers import repository

_FIGURES = re.compile(r"^(Tỉnh Bắc Kạn.*?)^Câu chuyện", re.MULTILINE | re.DOTALL)


@dataclass
class DemoProcess:
    """Runs of one demo, one after the other, on one data folder.

    Attributes:
        base: the data folder.
        printed: what the last run has said so far.
    """

    base: Path
    seed: int
    households: int
    printed: list[str] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None

    @property
    def home(self) -> Path:
        return self.base / f"demo-{self.seed}-{self.households}-local"

    def start(self, faults: str = "") -> None:
        self.printed.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ansinh", "demo"],
            cwd=repository(),
            env={
                **_environment(),
                "ANSINH_DATA_FOLDER": str(self.base),
                "ANSINH_FAULTS": faults,
                "SEED": str(self.seed),
                "HOUSEHOLDS": str(self.households),
                "EXIT": "1",
                "PORT": str(free_port()),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, words: str) -> None:
        """Until a line holds the words; fails when the process ends before."""
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.printed.append(line)
            if words in line:
                return
        raise AssertionError(f"never said {words!r}: {''.join(self.printed[-20:])}")

    def read_to_end(self) -> int:
        """Everything that it says; answers the exit code."""
        assert self._process is not None
        out, _ = self._process.communicate(timeout=300)
        self.printed.append(out)
        return self._process.returncode

    def kill(self, after: float = 0.0, *, server_too: bool = False) -> None:
        """SIGKILL, so many seconds from now at the latest; the server's postmaster with it."""
        assert self._process is not None
        try:
            self._process.wait(after)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.communicate()
        if server_too:
            lines = (EmbeddedPostgres(self.home).data_folder / "postmaster.pid").read_text("utf-8")
            os.kill(int(lines.splitlines()[0]), signal.SIGKILL)

    def figures(self) -> str:
        """The province's report and what followed, as printed."""
        found = _FIGURES.search("".join(self.printed))
        assert found, "".join(self.printed)
        return found[1]

    def clean(self) -> None:
        """Stop the server and delete the data."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        subprocess.run(
            [sys.executable, "-m", "ansinh", "clean"],
            cwd=repository(),
            env={**_environment(), "ANSINH_DATA_FOLDER": str(self.base)},
            check=True,
            capture_output=True,
        )


def _environment() -> dict[str, str]:
    """Ours, without what names servers: the demo brings its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ANSINH_")}
