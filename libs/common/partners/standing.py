"""How each partner stands, for operators and for the gauges: what it has yet to be told, since
when, and what was given up.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from dataclasses import dataclass
from datetime import date, datetime

from libs.common import telemetry
from libs.common.clock import start_of_day
from libs.common.database import Transaction
from libs.common.partners.reconciling.duty import read_overdue
from libs.common.telemetry import names

_EXIST = "SELECT to_regclass('webhook_endpoint') IS NOT NULL"
# What is planned is counted; of the ledger's rows behind that nobody knows yet how many are the
# partner's, so that all count. Where the endpoint takes others, the error is that of the oldest
# delivery that it does not take.
_ENDPOINTS = """
SELECT endpoint.partner, endpoint.endpoint_id::text, endpoint.state, endpoint.pause,
       coalesce(endpoint.last_error, refused.last_error),
       CASE WHEN endpoint.last_error IS NULL THEN refused.last_status ELSE endpoint.last_status END,
       (SELECT count(*) FROM webhook_delivery AS one
        WHERE one.endpoint_id = endpoint.endpoint_id AND one.state = 'pending'),
       greatest(ledger.last - cursor.seq, 0),
       (SELECT count(*) FROM webhook_delivery AS one
        WHERE one.endpoint_id = endpoint.endpoint_id AND one.state = 'failed'),
       least((SELECT min(recorded_at) FROM webhook_delivery AS one
              WHERE one.endpoint_id = endpoint.endpoint_id AND one.state = 'pending'),
             (SELECT recorded_at FROM event_log WHERE seq > cursor.seq ORDER BY seq LIMIT 1))
FROM webhook_endpoint AS endpoint JOIN webhook_cursor AS cursor USING (endpoint_id)
CROSS JOIN (SELECT coalesce(max(seq), 0) AS last FROM event_log) AS ledger
LEFT JOIN LATERAL (
  (SELECT last_error, last_status FROM webhook_delivery AS one
   WHERE one.endpoint_id = endpoint.endpoint_id AND one.state = 'pending'
     AND one.last_error IS NOT NULL ORDER BY seq LIMIT 1)
  UNION ALL
  (SELECT last_error, last_status FROM webhook_delivery AS one
   WHERE one.endpoint_id = endpoint.endpoint_id AND one.state = 'failed' ORDER BY seq LIMIT 1)
  LIMIT 1) AS refused ON true
WHERE endpoint.state <> 'removed' ORDER BY endpoint.partner, endpoint.endpoint_id
"""
_READERS = """
SELECT partner, greatest((SELECT coalesce(max(seq), 0) FROM event_log) - seq, 0),
       (SELECT recorded_at FROM event_log WHERE event_log.seq > reading.seq ORDER BY seq LIMIT 1),
       read_at
FROM partner_reading AS reading ORDER BY partner
"""
FEED, RECONCILIATION = "feed", "reconciliation"


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner on one of its roads.

    Attributes:
        road: `feed`, the id of the endpoint or, where its monthly list is overdue,
            `reconciliation`.
        state: `active`, `paused`, of the feed `reading`, of a reconciliation `overdue`; pause: why:
            `failing`, `gone` (it said so) or `operator`.
        pending: deliveries on their way.
        unread: rows of the ledger behind those, whether or not they are the partner's.
        oldest_at: when the oldest of both was recorded.
        failed: given up; they wait for a person.
        read_at: when the feed was last read.
        about: of a reconciliation: the list and its month.
    """

    partner: str
    road: str
    state: str
    pause: str | None = None
    pending: int = 0
    unread: int = 0
    oldest_at: datetime | None = None
    failed: int = 0
    last_error: str | None = None
    read_at: datetime | None = None
    about: str | None = None

    @property
    def behind(self) -> int:
        return self.pending + self.unread


async def read_partners(tx: Transaction, day: date) -> list[Partner]:
    """Every road of every partner, and which lists they owe on a day; none where the service has no
    partners."""
    if not await tx.fetchval(_EXIST):
        return []
    found = []
    for partner, road, state, pause, error, status, *counts in await tx.fetch(_ENDPOINTS):
        pending, unread, failed, oldest_at = counts
        said = None if error is None else f"{error} {status}" if status else error
        found.append(Partner(partner, road, state, pause, pending, unread, oldest_at, failed, said))
    found += [
        Partner(partner, FEED, "reading", unread=unread, oldest_at=oldest_at, read_at=read_at)
        for partner, unread, oldest_at, read_at in await tx.fetch(_READERS)
    ]
    found += [
        Partner(
            one.partner,
            RECONCILIATION,
            "overdue",
            oldest_at=start_of_day(one.since),
            about=f"{one.list} {one.month_end:%Y-%m}",
        )
        for one in await read_overdue(tx, day)
    ]
    return found


def tell(service: str, partners: list[Partner], now: datetime) -> None:
    """Tell the gauges: per partner the sum, and the oldest, of its endpoints."""
    by_partner: dict[str, list[Partner]] = {}
    for one in partners:
        if one.road not in (FEED, RECONCILIATION):
            by_partner.setdefault(one.partner, []).append(one)
    for partner, roads in by_partner.items():
        since = min((road.oldest_at for road in roads if road.oldest_at), default=now)
        age = max((now - since).total_seconds(), 0.0)
        for name, value in (
            (names.PARTNER_PENDING, sum(road.behind for road in roads)),
            (names.PARTNER_OLDEST_AGE, age),
            (names.PARTNER_FAILED, sum(road.failed for road in roads)),
        ):
            telemetry.gauge(name, value, service=service, partner=partner)
