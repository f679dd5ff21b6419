"""What a process is told from outside; read once, passed down, never changed.

Every value comes from `ANSINH_<NAME>` or, for secrets, from a file `ansinh_<name>` in the folder
that `ANSINH_SECRETS_DIR` names. Secrets have no defaults. What would be unsafe outside a test or
one machine is refused in distributed mode, when the process starts and not later.
"""

import os
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.common.clock import Clock, FixedDayClock, SystemClock

PREFIX = "ANSINH_"
_SHORTEST_PASSWORD = 12
_WELL_KNOWN = frozenset("guest postgres password changeme change-me secret ansinh test".split())


class Mode(StrEnum):
    """How the product runs."""

    EMBEDDED = "embedded"  # everything in one process on one machine
    TEST = "test"
    DISTRIBUTED = "distributed"


class Settings(BaseSettings):
    """The settings of one process.

    Attributes:
        mode: `embedded`, `test` or `distributed`; must be said.
        service: whose process it is; empty for a process that serves all.
        api_dsn: PostgreSQL as the service's API role.
        worker_dsn: PostgreSQL as the service's worker role (relay, consume, tick, send).
        owner_dsn: PostgreSQL as the owner: set-up, backup and restore.
        role_password: of the services' roles; setting up a server only.
        database_prefix: of the services' databases: set-up, backup and restore.
        amqp_url: RabbitMQ; without it the local transport is used.
        bus_prefix: of exchange and queues, so that several platforms can share a broker.
        peers: local transport: the subscribing services' databases, worker role, by service;
            restore: those on other servers, owner's login.
        partner_key: what the secrets of partners' webhooks follow from, 32 characters or more; a
            second one after a comma while it is replaced. Processes that show or use secrets.
        dci_id: who we are to partners by the DCI standard: their messages' `receiver_id`.
        dci_keys: the registry's private keys for that, a JWK set of Ed25519 keys, newest first.
        identifier_key: what identity numbers are hashed under, 32 characters or more; it cannot be
            replaced without recording them anew. The registry alone.
        vault_keys: what values of persons are sealed under, of 32 characters or more each, newest
            first, with commas between. The registry alone, with `identifier_key`.
        partner_networks: partners' networks that are not public (CIDR, with commas): webhooks may
            go there, also by plain HTTP.
        certificate_header: in which the gateway passes partners' certificates on, where it ends
            mutual TLS; it lets none through from outside. Empty: certificates are not asked for.
        issuer_url: the OpenID Connect issuer, as tokens name it.
        issuer_over_http: accept a plain-HTTP issuer in distributed mode (a private network).
        audience: what tokens must be made out to.
        client_id: who the screens are to the issuer: a public client with PKCE.
        public_url: of this service as browsers reach it, e.g. `https://example.vn/registry`;
            without it and `session_key` there are no screens.
        session_key: what sign-ins at the screens are sealed under, 32 characters or more; a second
            one after a comma while it is replaced. The same in every replica.
        otlp_endpoint: base URL of an OTLP/HTTP collector; without it telemetry is off.
        sampling_share: part of an act's events beyond the first 20 that are traced, 0 to 1.
        today: the business day to pretend, for demo and tests.
        data_folder: where the embedded platform and the development issuer keep their files.
        host: address the HTTP server listens on.
        port: its port.
        root_path: where a gateway mounts the service, e.g. `/registry`.
        pool_size: database connections per process and role.
        body_bytes: the largest request body.
        body_depth: the deepest nesting of a JSON body.
        request_seconds: the longest time a request may take.
        calls_per_second: how often one caller may ask a process; partners, as registered.
        log_level: of the JSON lines on standard error.
        management_host: address of the small server for health and metrics.
        management_port: its port; without it there is none, and nobody is asked for metrics.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    mode: Mode
    service: str = Field(default="", pattern=r"^(registry|eligibility|credit|reporting)?$")
    api_dsn: SecretStr | None = None
    worker_dsn: SecretStr | None = None
    owner_dsn: SecretStr | None = None
    role_password: SecretStr | None = None
    database_prefix: str = Field(default="ansinh_", pattern=r"^[a-z0-9_]+$")
    amqp_url: SecretStr | None = None
    bus_prefix: str = Field(default="", pattern=r"^[a-z0-9_.]*$")
    peers: dict[str, SecretStr] = Field(default_factory=dict)
    partner_key: SecretStr | None = None
    dci_id: str = Field(default="ansinh", pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,254}$")
    dci_keys: SecretStr | None = None
    identifier_key: SecretStr | None = Field(default=None, min_length=32)
    vault_keys: SecretStr | None = None
    partner_networks: str = Field(default="", pattern=r"^[0-9a-fA-F.:/, ]*$")
    certificate_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,40}$")
    issuer_url: str = ""
    issuer_over_http: bool = False
    audience: str = "ansinh"
    client_id: str = Field(default="ansinh", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    public_url: str = Field(default="", pattern=r"^(https?://[^/?#\s]+(/[^?#\s]*)?)?$")
    session_key: SecretStr | None = Field(default=None, min_length=32)
    otlp_endpoint: str | None = None
    sampling_share: float = Field(default=0.01, ge=0, le=1)
    today: date | None = None
    data_folder: Path = Path(".ansinh")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    root_path: str = ""
    pool_size: int = Field(default=8, ge=1, le=100)
    body_bytes: int = Field(default=16 * 1024 * 1024, ge=1_024)
    body_depth: int = Field(default=32, ge=4, le=200)
    request_seconds: float = Field(default=60.0, gt=0, le=600)
    calls_per_second: int = Field(default=500, ge=1, le=100_000)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    management_host: str = "127.0.0.1"
    management_port: int | None = Field(default=None, ge=1, le=65_535)

    @model_validator(mode="after")
    def _safe_when_distributed(self) -> Self:
        if self.mode is not Mode.DISTRIBUTED:
            return self
        wrong = []
        if self.today is not None:
            wrong.append("TODAY: only in embedded and test mode")
        if not self.issuer_url:
            wrong.append("ISSUER_URL: missing")
        elif not self.issuer_url.startswith("https://") and not self.issuer_over_http:
            wrong.append("ISSUER_URL: must be https (or set ISSUER_OVER_HTTP on a private network)")
        if self.public_url.startswith("http://") and not self.issuer_over_http:
            wrong.append("PUBLIC_URL: must be https (or set ISSUER_OVER_HTTP on a private network)")
        wrong += [
            f"{name.upper()}: {fault}" for name, fault in self._secrets() if fault is not None
        ]
        if wrong:
            raise ValueError("; ".join(PREFIX + line for line in wrong))
        return self

    def _secrets(self) -> list[tuple[str, str | None]]:
        named = {
            "api_dsn": self.api_dsn,
            "worker_dsn": self.worker_dsn,
            "owner_dsn": self.owner_dsn,
            "amqp_url": self.amqp_url,
            **{f"peers[{name}]": dsn for name, dsn in self.peers.items()},
        }
        return [
            (name, _weakness(secret.get_secret_value()))
            for name, secret in named.items()
            if secret is not None
        ]

    @property
    def clock(self) -> Clock:
        """The machine's clock, or the pretended day."""
        return SystemClock() if self.today is None else FixedDayClock(self.today)

    @classmethod
    def load(cls) -> Self:
        """Read the environment and, where named, the folder of secrets."""
        folder = os.environ.get(f"{PREFIX}SECRETS_DIR")
        return cls(_secrets_dir=folder or None)


def required(name: str, secret: SecretStr | None) -> str:
    """A secret that this process cannot do without; names the setting that is missing."""
    if secret is None:
        raise ValueError(f"{PREFIX}{name.upper()} is not set")
    return secret.get_secret_value()


def _weakness(url: str) -> str | None:
    parts = urlsplit(url)
    password = unquote(parts.password or "")
    if not password:
        return "has no password"
    if password.lower() in _WELL_KNOWN or password == unquote(parts.username or ""):
        return "has a well-known password"
    if len(password) < _SHORTEST_PASSWORD:
        return f"has a password of fewer than {_SHORTEST_PASSWORD} characters"
    return None
