"""Notifications: of one subscription, each a household's record as of one version."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.areas.scope import ScopeCache
from libs.common.clock import Clock
from libs.common.database import Transaction
from libs.common.dci import canonical, partners
from libs.common.dci.fields import allowed
from libs.common.dci.messages import purpose_of
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
from libs.common.security.encryption import Vault
from services.registry.dci.naming import names_of
from services.registry.dci.records import Renderer, renderer
from services.registry.dci.store import CommuneNames, memberships
from services.registry.subscriptions import store
from services.registry.subscriptions.records import group, left, members_of
from services.registry.subscriptions.store import Subscription
from services.registry.subscriptions.telling import Telling, tell


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told now; `purpose` is why, as the partner stated it when it subscribed."""

    partner: DciPartner
    within: Scope
    events: Sequence[Telling]
    purpose: str | None


class NotifyCargo:
    """One subscription's.

    Args:
        subscription: as it stood when the lane was opened; its end is looked at anew.
    """

    is_of_ledger = True
    most = 64

    def __init__(
        self, subscription: Subscription, settings: DciSettings, vault: Vault, clock: Clock
    ) -> None:
        self._endpoint_id = subscription.endpoint_id
        self._settings = settings
        self._vault = vault
        self._clock = clock
        self._communes = CommuneNames()
        self._scopes = ScopeCache()

    async def look(
        self, tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]
    ) -> list[Shown]:
        told = await self._tell(tx, scope, rows)
        return [] if told is None else [_shown(one) for one in told.events]

    async def read(
        self, tx: Transaction, endpoint: Endpoint, scope: Scope, seqs: Sequence[int]
    ) -> Mapping[int, Outgoing]:
        rows = await webhooks.read_events(tx, seqs)
        told = await self._tell(tx, scope, rows)
        if told is None or not told.events:
            return {}
        codes = {one.data["area"]["commune"] for one in told.events if one.data is not None}
        await self._communes.load(tx, codes)
        render = renderer(allowed(scope.fields))
        names = await self._names(tx, told, render)
        return {one.row["seq"]: self._outgoing(told, render, one, names) for one in told.events}

    async def _tell(
        self, tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]
    ) -> _Told | None:
        subscription = await store.find_of_endpoint(tx, self._endpoint_id)
        if subscription is None:
            return None
        partner = await partners.find(tx, subscription.partner)
        if partner is None:
            return None
        day = self._clock.today()
        within = scope.within(await communes_of(tx, self._scopes, subscription.areas, day))
        told = await tell(tx, self._scopes, subscription, partner, within, rows, day)
        return _Told(partner, within, told, purpose_of(subscription.criteria.get("authorize")))

    async def _names(self, tx: Transaction, told: _Told, render: Renderer) -> Mapping[UUID, bytes]:
        """Of those who are members still where the partner may see them."""
        if not (render.says_names_of_members and render.says_members):
            return {}
        here = await memberships(tx, members_of(told.events), told.within.communes)
        return await names_of(tx, self._vault, here, self._clock.today())

    def _outgoing(
        self, told: _Told, render: Renderer, one: Telling, names: Mapping[UUID, bytes]
    ) -> Outgoing:
        row, day, partner = one.row, self._clock.today(), told.partner
        record = left(one) if one.data is None else group(render, self._communes, one, day, names)
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
        return Outgoing(
            row["seq"],
            row["event_id"],
            (one.household_id,),
            write,
            row["traceparent"],
            tuple(person for person in members_of([one]) if person in names),
            told.purpose,
        )

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
