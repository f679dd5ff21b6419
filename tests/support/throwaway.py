"""A PostgreSQL server for one run of the tests: real, and nobody's but the run's.

A test makes databases of its own, some fifteen hundred in a run; to sync their files takes a server
that syncs longer than the tests take. This one does not (`fsync=off`): what it holds is worth
nothing once the machine has gone down. Whoever measures, soaks or runs the demo uses another.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg

from ansinh.embedded.postgres import prepare_place

_PREFIX = "ansinh-test-"
_RUN_BY = "run-by.pid"
_MEMORY, _ROOM = Path("/dev/shm"), 6_000_000_000  # noqa: S108  (mkdtemp makes a folder of our own)
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


class ThrowawayPostgres:
    """A server in a temporary folder, of the machine's own PostgreSQL or else of the wheel's."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_where()))
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self._user:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        (self._folder / _RUN_BY).write_text(str(os.getpid()), encoding="ascii")
        self._binaries = _installed() or prepare_place(self._folder).binaries
        self._port = _free_port()

    @property
    def dsn(self) -> str:
        """A superuser's; whoever is on this machine may log in."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Make and start it; what killed runs have left behind is cleared away."""
        for folder in _left_behind():
            _clear(folder)
        self._run("initdb", "-U", "postgres", "--encoding=UTF8", "--no-locale", "-A", "trust", "-N")
        options = " ".join(f"-c {name}='{value}'" for name, value in _OPTIONS.items())
        self._run("pg_ctl", "-w", "-l", str(self._log), "-o", f"-p {self._port} {options}", "start")

    def destroy(self) -> None:
        """Stop it, and delete what it holds."""
        _clear(self._folder)

    async def answers(self) -> bool:
        """Whether it lets us in."""
        with suppress(OSError, asyncpg.PostgresError, TimeoutError):
            await (await asyncpg.connect(self.dsn, timeout=10)).close()
            return True
        return False

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _run(self, program: str, *arguments: str) -> None:
        with self._log.open("ab") as log:
            if self._user:
                os.fchown(log.fileno(), self._user.pw_uid, self._user.pw_gid)
            subprocess.run(
                [self._binaries / program, "-D", self._folder / "data", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                user=self._user.pw_uid if self._user else None,
                group=self._user.pw_gid if self._user else None,
                check=True,
            )


async def start_throwaway() -> ThrowawayPostgres:
    """A running one.

    Raises:
        RuntimeError: it does not answer.
    """
    server = ThrowawayPostgres()
    await asyncio.to_thread(server.start)
    if not await server.answers():
        raise RuntimeError("the tests' PostgreSQL does not answer")
    return server


def _where() -> Path:
    """In memory where there is room: a database is some six hundred files."""
    with suppress(OSError):
        if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
            return _MEMORY
    return Path(tempfile.gettempdir())


def _installed() -> Path | None:
    """The folder of the machine's newest PostgreSQL programs."""
    in_path = shutil.which("initdb")
    if in_path:
        return Path(in_path).resolve().parent
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((one.parent for one in found), key=lambda one: float(one.parent.name), default=None)


def _left_behind() -> Iterator[Path]:
    folders = (_MEMORY, Path(tempfile.gettempdir()))
    for note in (one for folder in folders for one in folder.glob(f"{_PREFIX}*/{_RUN_BY}")):
        try:
            os.kill(int(note.read_text(encoding="ascii")), 0)
        except (ProcessLookupError, ValueError):
            yield note.parent
        except OSError:  # somebody else's, or gone meanwhile
            continue


def _clear(folder: Path) -> None:
    with suppress(OSError, ValueError, IndexError):
        pid = (folder / "data" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0]
        os.kill(int(pid), signal.SIGQUIT)  # at once: nothing of it is kept
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)  # what the server wrote on its way down


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
