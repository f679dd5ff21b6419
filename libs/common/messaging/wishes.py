"""Wishes for a replay: said in any service, kept where the ledger is.

A consumer's gap watch, or an operator, writes a wish into its own database; the `run_replays` role
there performs it when the ledger is its own, else it passes it on over the transport.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS, readable
from libs.common.ids import new_id

_INSERT = """
INSERT INTO replay (replay_id, producer, consumer, subjects, types, from_at, to_at, per_second,
                    reason, requested_by, requested_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (replay_id) DO NOTHING
"""
PER_SECOND = 5000
GAP = "GAP"  # the reason of a gap watch's own wishes


class Wish(BaseModel):
    """Which rows of a producer's ledger one consumer is to get again.

    Attributes:
        subjects: None for all.
        types: None for all that the consumer reads.
        from_at, to_at: of `recorded_at`, the end exclusive; None is open.
        per_second: events at most.
    """

    model_config = ConfigDict(frozen=True)

    replay_id: UUID = Field(default_factory=new_id)
    producer: str
    consumer: str
    subjects: tuple[UUID, ...] | None = None
    types: tuple[str, ...] | None = None
    from_at: AwareDatetime | None = None
    to_at: AwareDatetime | None = None
    per_second: int = Field(PER_SECOND, ge=1)
    reason: str
    requested_by: str
    requested_at: AwareDatetime


def producers_of(consumer: str) -> set[str]:
    """Whose ledgers hold what the consumer reads."""
    return {EVENT_TYPES[name].source for name in readable(SUBSCRIPTIONS[consumer])}


def producer_of(stream: str) -> str:
    """The service that says the stream."""
    return next(kind.source for kind in EVENT_TYPES.values() if kind.stream == stream)


async def insert_wish(connection: Any, wish: Wish | bytes) -> None:
    """Keep a wish; the same id twice is one wish.

    Args:
        connection: anything with asyncpg's `execute`, a `Transaction` too.
        wish: as a model, or as the JSON that came over a transport.
    """
    kept = Wish.model_validate_json(wish) if isinstance(wish, bytes) else wish
    await connection.execute(
        _INSERT,
        kept.replay_id,
        kept.producer,
        kept.consumer,
        list(kept.subjects) if kept.subjects is not None else None,
        list(kept.types) if kept.types is not None else None,
        kept.from_at,
        kept.to_at,
        kept.per_second,
        kept.reason,
        kept.requested_by,
        kept.requested_at,
    )


async def wish_subjects(
    connection: Any,
    consumer: str,
    stream: str,
    subjects: Sequence[UUID],
    *,
    reason: str,
    at: datetime,
) -> None:
    """Ask for every version of some subjects."""
    wish = Wish(
        producer=producer_of(stream),
        consumer=consumer,
        subjects=tuple(subjects),
        types=tuple(kind.name for kind in EVENT_TYPES.values() if kind.stream == stream),
        reason=reason,
        requested_by=consumer,
        requested_at=at,
    )
    await insert_wish(connection, wish)
