"""What the endpoints' routes take and answer."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.partners.webhooks.store import Endpoint
from libs.common.web.days import Instant


class EndpointIn(BaseModel):
    """Where a partner wants to be told; from now on, or of everything from the beginning."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=8, max_length=2_000)
    from_beginning: bool = False


class EndpointOut(BaseModel):
    """An endpoint and how it goes. A paused one is probed, unless an operator has paused it."""

    endpoint_id: UUID
    partner: str
    url: str
    state: str
    pause: str | None
    paused_at: datetime | None
    probe_at: datetime | None
    failures: int
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime

    @classmethod
    def of(cls, one: Endpoint) -> "EndpointOut":
        values = {name: getattr(one, name) for name in cls.model_fields}
        is_probed = one.pause in ("failing", "gone")
        return cls(**values | {"probe_at": one.probe_at if is_probed else None})


class RotateIn(BaseModel):
    """For how long the secret before signs beside the new one."""

    overlap_hours: int = Field(24, ge=0, le=24 * 30)


class SecretsOut(BaseModel):
    """The secrets that sign now, newest first, as a partner puts them into its library."""

    endpoint_id: UUID
    secrets: list[str]


class ReplayIn(BaseModel):
    """What an endpoint is to be told again: since an instant, or, without it, what was given up."""

    model_config = ConfigDict(extra="forbid")

    from_at: Instant | None = None


class ReplayedOut(BaseModel):
    """Up to which row of the ledger deliveries are planned, or how many are tried again or
    forgotten."""

    position: int | None = None
    count: int | None = None


class FailedOut(BaseModel):
    """A delivery that was given up."""

    seq: int
    event_id: UUID
    stream: str
    subject: UUID
    recorded_at: datetime
    attempts: int
    first_attempt_at: datetime | None
    settled_at: datetime | None
    last_status: int | None
    last_error: str | None
