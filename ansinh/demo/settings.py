"""What can be chosen about a demo run."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

from ansinh.embedded.platform import PlatformSettings
from libs.common.files import write_whole

DEFAULT_SEED = 2021


@dataclass(frozen=True)
class DemoSettings:
    """One demo run; the same settings find the data of an earlier, interrupted run again.

    Attributes:
        home: folder of this population's data.
        seed: of the synthetic people.
        households: how many reviewed households; None for the published totals.
        rows: lines of the register's spreadsheet, at least.
        stays_up: whether to leave everything running at the end.
        amqp_url: RabbitMQ, or None for the local transport.
        postgres_url: a superuser's DSN of a server to use instead of the embedded one.
        port: of http://localhost:port.
        otlp_endpoint: base URL of an OTLP/HTTP collector; None: no telemetry.
        pool_size: connections at most, of each service and kind of role.
    """

    home: Path
    seed: int = DEFAULT_SEED
    households: int | None = None
    rows: int = 2_000
    stays_up: bool = True
    amqp_url: str | None = None
    postgres_url: str | None = None
    port: int = 8000
    otlp_endpoint: str | None = None
    pool_size: int = 8

    @classmethod
    def from_environment(cls, base: Path) -> Self:
        """Read SEED, HOUSEHOLDS, ROWS, EXIT, PORT and the ANSINH_ addresses.

        Raises:
            ValueError: a number that is none.
        """
        seed = int(os.environ.get("SEED") or DEFAULT_SEED)
        households = os.environ.get("HOUSEHOLDS") or None
        amqp_url = os.environ.get("ANSINH_AMQP_URL") or None
        name = f"demo-{seed}-{households or 'published'}-{'rabbitmq' if amqp_url else 'local'}"
        return cls(
            home=base / name,
            seed=seed,
            households=int(households) if households else None,
            rows=int(os.environ.get("ROWS") or cls.rows),
            stays_up=os.environ.get("EXIT", "") not in ("1", "true", "yes"),
            amqp_url=amqp_url,
            postgres_url=os.environ.get("ANSINH_POSTGRES_URL") or None,
            port=int(os.environ.get("PORT") or 8000),
            otlp_endpoint=os.environ.get("ANSINH_OTLP_ENDPOINT") or None,
            pool_size=int(os.environ.get("ANSINH_POOL_SIZE") or 8),
        )

    def platform(self) -> PlatformSettings:
        """The platform that it runs on."""
        return PlatformSettings(
            home=self.home,
            port=self.port,
            postgres_url=self.postgres_url,
            amqp_url=self.amqp_url,
            prefix=self.prefix(),
            otlp_endpoint=self.otlp_endpoint,
            pool_size=self.pool_size,
        )

    def prefix(self) -> str:
        """Of databases and queues: of this data folder alone, so that no stale queue is read."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.home / "prefix"
        if not path.exists():
            write_whole(path, f"ansinh_{secrets.token_hex(3)}_")
        return path.read_text(encoding="utf-8")


@dataclass
class DemoClock:
    """Real instants, and a business day that the demo moves on."""

    day: date

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.day
