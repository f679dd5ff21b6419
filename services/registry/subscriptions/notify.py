"""Notifications: of one subscription, each a household's record as of one version."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import asyncpg

from libs.common.areas.scope import ScopeCache
from libs.common.clock import Clock
from libs.common.database import Transaction
from libs.common.dci import canonical, partners
from libs.common.dci.fields import allowed
from libs.common.dci.partners import DciPartner
from libs.common.dci.posting import judge_ack, write_envelope
from libs.common.dci.settings import DciSettings
from libs.common.dci.words import REGISTRY_TYPE, VERSION, Action, RecordType, Status
from libs.common.partners.domain import Scope
from libs.common.partners.reading import Envelope, Shown
from libs.common.partners.scoping import communes_of
from libs.common.partners.webhooks import store as webhooks
from libs.common.partners.webhooks.cargo import Outgoing
from libs.common.partners.webhooks.posting import Answer
from libs.common.partners.webhooks.store import Endpoint
from services.registry.dci.records import Renderer, renderer
from services.registry.dci.store import CommuneNames
from services.registry.subscriptions import store
from services.registry.subscriptions.records import group, left
from services.registry.subscriptions.store import Subscription
from services.registry.subscriptions.telling import Telling, tell


class NotifyCargo:
    """One subscription's.

    Args:
        subscription: as it stood when the lane was opened; its end is looked at anew.
    """

    is_of_ledger = True
    most = 64

    def __init__(self, subscription: Subscription, settings: DciSettings, clock: Clock) -> None:
        self._endpoint_id = subscription.endpoint_id
        self._settings = settings
        self._clock = clock
        self._names = CommuneNames()
        self._scopes = ScopeCache()

    async def look(
        self, tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]
    ) -> list[Shown]:
        _, told = await self._tell(tx, scope, rows)
        return [_shown(one) for one in told]

    async def read(
        self, tx: Transaction, endpoint: Endpoint, scope: Scope, seqs: Sequence[int]
    ) -> Mapping[int, Outgoing]:
        rows = await webhooks.read_events(tx, seqs)
        partner, told = await self._tell(tx, scope, rows)
        if partner is None or not told:
            return {}
        codes = {one.data["area"]["commune"] for one in told if one.data is not None}
        await self._names.load(tx, codes)
        render = renderer(allowed(scope.fields))
        return {one.row["seq"]: self._outgoing(partner, render, one) for one in told}

    async def _tell(
        self, tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]
    ) -> tuple[DciPartner | None, list[Telling]]:
        subscription = await store.find_of_endpoint(tx, self._endpoint_id)
        if subscription is None:
            return None, []
        partner = await partners.find(tx, subscription.partner)
        if partner is None:
            return None, []
        day = self._clock.today()
        within = scope.within(await communes_of(tx, self._scopes, subscription.areas, day))
        told = await tell(tx, self._scopes, subscription, partner, within, rows, day)
        return partner, told

    def _outgoing(self, partner: DciPartner, render: Renderer, one: Telling) -> Outgoing:
        row, day = one.row, self._clock.today()
        record = left(one) if one.data is None else group(render, self._names, one, day)
        meta = {"event_type": one.kind.value, "sequence": row["version"]}
        write = partial(
            write_envelope,
            self._settings,
            partner,
            Action.NOTIFY,
            canonical.utf8(_message(one, record)),
            status=Status.SUCCEEDED,
            count=1,
            meta=meta,
        )
        households = (one.household_id,)
        return Outgoing(row["seq"], row["event_id"], households, write, row["traceparent"])

    def judge(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        return judge_ack(status, headers, body)


def _message(one: Telling, record: Mapping[str, Any]) -> dict[str, Any]:
    """A NotifyEventRequest; its ids are the event's, so they are the same in every attempt."""
    data: dict[str, Any] = {
        "version": VERSION,
        "reg_type": REGISTRY_TYPE,
        "reg_record_type": RecordType.GROUP.value,
        "reg_records": record,
    }
    if one.kind.is_of_the_standard:
        data["reg_event_type"] = one.kind.value
    event = {
        "reference_id": str(one.row["event_id"]),
        "timestamp": one.row["recorded_at"].isoformat(timespec="milliseconds"),
        "data": data,
    }
    return {"transaction_id": f"ntf-{one.row['event_id']}", "notify_event": [event]}


def _shown(one: Telling) -> Shown:
    row = one.row
    envelope = Envelope(
        row["event_id"], row["stream"], row["subject"], row["recorded_at"], row["traceparent"]
    )
    return Shown(row["seq"], b"", one.household_id, envelope)
