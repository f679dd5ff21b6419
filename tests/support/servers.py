"""The real PostgreSQL that tests run on, and a fresh migrated database for each test.

`ANSINH_TEST_POSTGRES` names a server to use (a superuser's DSN); else `conftest` starts one for the
run (`throwaway`). The soak and the benchmarks, which need one that syncs, take that on
127.0.0.1:5432 where it trusts its host, else the embedded one.
"""

import asyncio
import atexit
import os
import secrets
import tempfile
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future, wait
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from ansinh.embedded.postgres import PASSWORD_FILE, EmbeddedPostgres
from libs.common.clock import Clock, SystemClock
from libs.common.database import Database
from libs.common.database.migrate import upgrade
from libs.common.database.provision import api_role, provision_roles, worker_role

_TEMPLATES: set[str] = set()  # which this process knows to be whole
# A server that does not sync copies files for half the CPU that logging every page takes.
BY_FILE = "STRATEGY file_copy"
_LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


def with_database(dsn: str, database: str, role: str | None = None) -> str:
    """The same server, another database and, where given, another role with the test password."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    login = f"{role}:{TEST_PASSWORD}" if role else parts.netloc.rpartition("@")[0]
    return urlunsplit((parts.scheme, f"{login}@{host}", f"/{database}", parts.query, ""))


TEST_PASSWORD = "of-the-tests-alone"  # long enough for distributed mode


@dataclass(frozen=True)
class ServiceDatabase:
    """One service's database in a test: DSNs by role."""

    service: str
    name: str
    owner_dsn: str
    api_dsn: str
    worker_dsn: str

    @asynccontextmanager
    async def as_api(
        self, clock: Clock | None = None, connections: int = 8
    ) -> AsyncIterator[Database]:
        database = await Database.connect(
            self.api_dsn, clock or SystemClock(), application="test-api", largest=connections
        )
        async with database:
            yield database

    @asynccontextmanager
    async def as_worker(self, clock: Clock | None = None) -> AsyncIterator[Database]:
        database = await Database.connect(
            self.worker_dsn, clock or SystemClock(), application="test-worker"
        )
        async with database:
            yield database


def admin_dsn() -> str:
    """A superuser's DSN of the server that tests use."""
    named = os.environ.get("ANSINH_TEST_POSTGRES")
    return named or _LOCAL


async def server_answers() -> bool:
    """Whether the server of `admin_dsn` lets us in as a superuser."""
    try:
        admin = await asyncpg.connect(admin_dsn(), timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    try:
        return bool(await admin.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = user"))
    finally:
        await admin.close()


async def start_server_if_none() -> EmbeddedPostgres | None:
    """On a machine without PostgreSQL the embedded server serves the run; destroy it at the end."""
    if await server_answers():
        return None
    server = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="ansinh-test-")))
    await server.start()
    os.environ["ANSINH_TEST_POSTGRES"] = server.dsn()
    return server


async def create_template(service: str) -> str:
    """Migrate a template database once per run and service; answers its name."""
    name = f"{run_prefix()}{service}"
    if name in _TEMPLATES:
        return name
    admin = await asyncpg.connect(admin_dsn())
    try:
        # Workers of one run race for the template: the first makes it, the others wait.
        await admin.execute("SELECT pg_advisory_lock(hashtext($1))", name)
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await provision_roles(admin, service, TEST_PASSWORD)
            await admin.execute(
                f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0"
            )
            await upgrade(service, with_database(admin_dsn(), name))
    finally:
        await admin.close()
    _TEMPLATES.add(name)
    return name


class _Steward:
    """One connection of this process that makes databases, or drops them, one after the other: on a
    thread of its own, since a test's event loop ends with the test. A connection for each would
    take a third of the time.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._dsn = ""
        self._turn = asyncio.Lock()
        self._last: Future[None] | None = None

    def submit(self, statement: str) -> Future[None]:
        """It is worked after those before it."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            thread = threading.Thread(target=self._serve, args=(self._loop,), daemon=True)
            thread.start()
            atexit.register(self._end, self._loop, thread)
        self._last = asyncio.run_coroutine_threadsafe(self._execute(statement), self._loop)
        return self._last

    async def _execute(self, statement: str) -> None:
        async with self._turn:
            if self._connection is None or self._connection.is_closed() or self._dsn != admin_dsn():
                self._close()
                self._dsn = admin_dsn()
                self._connection = await asyncpg.connect(self._dsn)
            await self._connection.execute(statement)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        self._close()
        loop.close()

    def _end(self, loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
        """What has been submitted is still worked."""
        if self._last is not None:
            wait([self._last], 60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


_MAKER, _DROPPER = _Steward(), _Steward()


async def clone_database(service: str) -> ServiceDatabase:
    """A fresh database with the newest schema."""
    template = await create_template(service)
    name = f"{template}_{secrets.token_hex(6)}"
    statement = f'CREATE DATABASE "{name}" TEMPLATE "{template}" {BY_FILE}'
    for attempt in range(20):
        try:
            await asyncio.wrap_future(_MAKER.submit(statement))
            break
        except asyncpg.ObjectInUseError:  # another worker is copying the template
            await asyncio.sleep(0.05 * (attempt + 1))
    return database_named(service, name)


def database_named(service: str, name: str) -> ServiceDatabase:
    """A service's database that stands already."""
    return ServiceDatabase(
        service=service,
        name=name,
        owner_dsn=with_database(admin_dsn(), name),
        api_dsn=with_database(admin_dsn(), name, api_role(service)),
        worker_dsn=with_database(admin_dsn(), name, worker_role(service)),
    )


async def drop_database(database: ServiceDatabase) -> None:
    """Soon, and beside the tests: the server makes a checkpoint for each, up to a second long. What
    a run leaves over is dropped at its end.
    """
    _DROPPER.submit(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')


def run_prefix() -> str:
    """What the names of this run's databases (and queues) begin with."""
    return f"ansinh_test_{os.environ['ANSINH_TEST_RUN']}_"


async def drop_run(prefix: str | None = None) -> None:
    """Drop every database of this run, or those of a prefix."""
    admin = await asyncpg.connect(admin_dsn())
    try:
        for row in await admin.fetch(
            "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix or run_prefix()
        ):
            await admin.execute(f'DROP DATABASE IF EXISTS "{row["datname"]}" WITH (FORCE)')
    finally:
        await admin.close()


def share_password(home: Path) -> None:
    """Give a platform's folder the roles' password: the server's roles are those of all tests."""
    home.mkdir(parents=True, exist_ok=True)
    (home / PASSWORD_FILE).write_text(TEST_PASSWORD, encoding="utf-8")


def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[2]
