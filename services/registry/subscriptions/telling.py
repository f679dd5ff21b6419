"""What of the registry's events one subscription is told, at this moment.

One function for planning and for sending: `tell`. It looks at everything anew, the subscription,
the partner's terms, the scope and the filter; whatever of them cannot be read tells nothing.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from libs.common.areas.scope import ScopeCache
from libs.common.clock import VIETNAM
from libs.common.database import Transaction
from libs.common.dci.fields import allowed
from libs.common.dci.partners import DciPartner
from libs.common.dci.words import RecordType
from libs.common.dci.words import Scope as Granted
from libs.common.partners.domain import Scope
from libs.common.partners.reading import events_before, key_of
from libs.common.partners.scoping import communes_of
from services.registry.dci.attributes import QueryRefused
from services.registry.dci.domain import Asked, Filter, area_codes
from services.registry.subscriptions.domain import Data, Kind, is_closed, is_in_season, kind_of
from services.registry.subscriptions.filters import Areas, Told, matches, read_filter
from services.registry.subscriptions.store import Subscription


@dataclass(frozen=True, slots=True)
class Telling:
    """An event that is told.

    Attributes:
        row: of the ledger.
        data: the household after it; None where it may be seen no longer, or is closed.
    """

    row: asyncpg.Record | Mapping[str, Any]
    household_id: UUID
    kind: Kind
    data: Data | None


async def tell(
    tx: Transaction,
    cache: ScopeCache,
    subscription: Subscription,
    partner: DciPartner,
    scope: Scope,
    rows: Sequence[asyncpg.Record],
    day: date,
) -> list[Telling]:
    """Those of the ledger's rows that the subscription is told of, in their order.

    Args:
        cache: of communes by area.
        scope: of the partner's registration, today.
        day: on which classes and ages count.
    """
    try:
        lens = await _lens(tx, cache, subscription, partner, scope, day)
    except QueryRefused:  # a field of its filter is not the partner's any more
        return []
    if lens is None:
        return []
    before = await events_before(tx, rows)
    told = (lens.see(row, from_json(row["body"]), before.get(key_of(row))) for row in rows)
    return [one for one in told if one is not None]


async def _lens(
    tx: Transaction,
    cache: ScopeCache,
    subscription: Subscription,
    partner: DciPartner,
    scope: Scope,
    day: date,
) -> Lens | None:
    terms, criteria = partner.terms, subscription.criteria
    may = Granted.SUBSCRIBE in terms.scopes and RecordType.GROUP in terms.record_types
    if not subscription.is_active or not may:
        return None
    fields = allowed(scope.fields)
    asked = read_filter(criteria.get("filter_type"), criteria["filter"], fields)
    areas = {}
    if isinstance(asked.query, Filter):
        for code in filter(str.isdigit, set(area_codes(asked.query.tree))):
            areas[code] = await communes_of(tx, cache, [code], day) or frozenset()
    return Lens(subscription, scope, asked, areas, day)


@dataclass(frozen=True, slots=True)
class Lens:
    """A subscription with all that decides what it is told."""

    subscription: Subscription
    scope: Scope
    asked: Asked
    areas: Areas
    day: date

    def see(
        self, row: asyncpg.Record | Mapping[str, Any], event: Data, before: tuple[str, Data] | None
    ) -> Telling | None:
        """What is told of an event.

        Args:
            row: of the ledger.
            before: what was said of the household right before it, type and event.
        """
        starts_at, ends_at = self.subscription.starts_at, self.subscription.ends_at
        is_read = self.scope.reads(row["type"])
        if not is_read or not is_in_season(starts_at, ends_at, row["recorded_at"]):
            return None
        data, earlier = event["data"], None if before is None else before[1]
        was_meant = earlier is not None and self._is_told(earlier)
        household_id = UUID(str(data["household_id"]))
        if not self._is_near(event):
            return Telling(row, household_id, Kind.SCOPE_LEFT, None) if was_meant else None
        if is_closed(data):
            return Telling(row, household_id, Kind.CLOSED, None) if was_meant else None
        kind = kind_of(row["type"], data, None if earlier is None else earlier["data"])
        if kind not in self.subscription.kinds or not (was_meant or self._means(event)):
            return None
        return Telling(row, household_id, kind, data)

    def _is_told(self, event: Data) -> bool:
        return self._is_near(event) and not is_closed(event["data"]) and self._means(event)

    def _is_near(self, event: Data) -> bool:
        communes = self.scope.communes
        return communes is None or event["data"]["area"]["commune"] in communes

    def _means(self, event: Data) -> bool:
        updated = datetime.fromisoformat(event["recordedtime"]).astimezone(VIETNAM).date()
        told = Told(event["data"], updated)
        return matches(self.asked, told, day=self.day, areas=self.areas)
