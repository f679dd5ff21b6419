"""One endpoint's deliveries, from the ledger to its partner: plan, claim, send, note what came.

Order holds per subject, because only its first open delivery is ever claimed. A process that dies
leaves its claims to whoever comes after the lease; the partner may then get one twice, under the
same `webhook-id`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from libs.common import telemetry
from libs.common.areas.scope import ScopeCache
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.partners import horizon, reading, registrations
from libs.common.partners.domain import Scope
from libs.common.partners.scoping import scope_of
from libs.common.partners.webhooks import domain, store
from libs.common.partners.webhooks.addresses import parse
from libs.common.partners.webhooks.cargo import Cargo, Outgoing
from libs.common.partners.webhooks.posting import Answer, Poster
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.partners.webhooks.store import Claimed, Endpoint, Settled
from libs.common.security.audit import AuditLine, write_line

_FAST_SECONDS, _SLOW_SECONDS = 1.0, 5.0
_NOW = timedelta(0)


@dataclass
class _Batch:
    """What was claimed together: what is told of each, and what came of it."""

    endpoint: Endpoint
    claimed: Sequence[Claimed]
    told: Mapping[int, Outgoing]
    answers: dict[int, Answer] = field(default_factory=dict)
    in_a_row: int = 0
    is_gone: bool = False

    def note(self, seq: int, answer: Answer) -> None:
        """One answer, in the order in which they come."""
        self.answers[seq] = answer
        self.in_a_row = 0 if answer.is_accepted else self.in_a_row + 1
        self.is_gone = self.is_gone or answer.error == "gone"


class Lane:
    """The road to one endpoint.

    Args:
        database: under the worker role.
        service: whose events they are, on spans and metrics.
        endpoint: as it stood when the lane was opened; its state is read anew each time.
        partners: keys, networks, times.
        cargo: what is told at the endpoint, and in which words.
    """

    def __init__(
        self,
        database: Database,
        service: str,
        endpoint: Endpoint,
        partners: PartnerSettings,
        cargo: Cargo,
    ) -> None:
        self._database = database
        self._service = service
        self._id = endpoint.endpoint_id
        self._cargo = cargo
        self._settings = partners.webhooks
        self._scopes = ScopeCache()
        target = parse(endpoint.url)
        self._poster = Poster(target, partners.networks, self._settings, cargo.judge)
        self._largest = min(self._settings.batch, cargo.most)
        self._most = min(2 * self._settings.concurrency, self._largest)

    async def aclose(self) -> None:
        await self._poster.close()

    async def work(self) -> timedelta:
        """One round; answers how long to wait for the next one.

        Raises:
            Exception: of the database; what the partner does is never raised.
        """
        async with self._database.transaction() as tx:
            endpoint = await store.find(tx, self._id)
            scope = None if endpoint is None else await self._scope(tx, endpoint.partner)
            if endpoint is None or scope is None or endpoint.pause == "operator":
                return self._poll
            more = await self._plan(tx, scope)
        batch = await self._claim(endpoint, scope)
        if batch is None:
            return await self._pause(endpoint, more=more)
        began = time.monotonic()
        await self._send(batch)
        await self._note(batch)
        self._adapt(time.monotonic() - began)
        return _NOW

    @property
    def _poll(self) -> timedelta:
        return timedelta(seconds=self._settings.poll_seconds)

    async def _scope(self, tx: Transaction, partner: str) -> Scope | None:
        known, day = await registrations.find(tx, partner), self._database.clock.today()
        if known is None or not known.terms.is_valid_on(day):
            return None
        return await scope_of(tx, self._scopes, known.terms, day)

    async def _plan(self, tx: Transaction, scope: Scope) -> bool:
        """Note what is next, up to the window; answers whether the ledger holds more."""
        if not self._cargo.is_of_ledger:
            return False
        planned = self._settings.planned
        room = planned - await store.count_pending(tx, self._id, planned)
        if room <= planned // 2:  # in larger portions
            return False
        safe, last = await horizon.look(tx)
        position = await store.lock_position(tx, self._id)
        if position is None or position >= last:
            return False
        bounds = reading.Bounds(given=min(room, reading.CHUNK))
        part = await reading.read_part(tx, scope, position, safe, bounds, self._cargo.look)
        if part.upto > position:
            rows = [
                (one.seq, row.event_id, row.stream, row.subject, row.recorded_at)
                for one in part.shown
                for row in (one.row,)
            ]
            await store.plan(tx, self._id, part.upto, rows)
        return part.upto < last

    async def _claim(self, endpoint: Endpoint, scope: Scope) -> _Batch | None:
        is_probe = endpoint.state == "paused"
        async with self._database.transaction() as tx:
            if is_probe and endpoint.probe_at > tx.recorded_at:
                return None
            lease = timedelta(seconds=self._settings.lease_seconds)
            most = 1 if is_probe else self._most
            claimed = await store.claim(tx, self._id, lease, most, is_probe=is_probe)
            if not claimed:
                return None
            told = await self._cargo.read(tx, endpoint, scope, [one.seq for one in claimed])
        return _Batch(endpoint, claimed, told)

    async def _pause(self, endpoint: Endpoint, *, more: bool) -> timedelta:
        """Until when nothing is due."""
        if endpoint.state == "active" and more:
            return timedelta(seconds=self._settings.wait_seconds)
        async with self._database.transaction() as tx:
            due: datetime | None = endpoint.probe_at
            if endpoint.state != "paused":
                due = await store.next_attempt_at(tx, self._id)
            elif endpoint.probe_at <= tx.recorded_at:  # and there is nothing to probe with
                due = None
            if due is None:
                return self._poll
            return min(max(due - tx.recorded_at, _NOW), self._poll)

    # --- the attempts

    async def _send(self, batch: _Batch) -> None:
        """Every delivery at once, `concurrency` at a time; after too many failures without a
        success the rest is not tried."""
        gate = asyncio.Semaphore(self._settings.concurrency)

        async def one(claimed: Claimed) -> None:
            told = batch.told.get(claimed.seq)
            if told is None:
                return
            async with gate:
                if batch.is_gone or batch.in_a_row >= self._settings.pause_after:
                    return
                batch.note(claimed.seq, await self._attempt(batch.endpoint, told))

        async with asyncio.TaskGroup() as group:
            for claimed in batch.claimed:
                group.create_task(one(claimed))

    async def _attempt(self, endpoint: Endpoint, told: Outgoing) -> Answer:
        now, began = self._database.clock.now(), time.perf_counter()
        answer = await self._poster.post(told.write(now))
        telemetry.count_webhook(
            self._service,
            endpoint.partner,
            time.perf_counter() - began,
            status=answer.status,
            error=answer.error,
        )
        telemetry.webhook_span(
            endpoint.partner,
            told.traceparent,
            message_id=told.message_id,
            started_at=now,
            status=answer.status,
            error=answer.error,
        )
        return answer

    # --- what came of them

    async def _note(self, batch: _Batch) -> None:
        async with self._database.transaction() as tx:
            endpoint = await store.find(tx, self._id, lock=True)
            arrived_at = endpoint.last_success_at if endpoint else None
            health = domain.health_of(list(batch.answers.values()))
            if health.succeeded:
                arrived_at = tx.recorded_at
            settled = [
                self._settled(batch, one, tx.recorded_at, arrived_at) for one in batch.claimed
            ]
            await store.settle(tx, self._id, settled)
            await self._audit(tx, batch)
            if endpoint is not None:
                await self._judge(tx, endpoint, health)

    def _settled(
        self, batch: _Batch, claimed: Claimed, now: datetime, arrived_at: datetime | None
    ) -> Settled:
        if claimed.seq not in batch.told:  # the registration has changed since it was planned
            return Settled(claimed.seq, claimed.attempts, "withheld", now)
        return domain.settle(
            claimed,
            batch.answers.get(claimed.seq),
            now,
            self._settings,
            others_arrived_at=arrived_at,
            chance=random.random(),  # noqa: S311  (spreads attempts, no secret)
        )

    async def _audit(self, tx: Transaction, batch: _Batch) -> None:
        """A line for the batch, one for each purpose: whose data may have reached the partner."""
        left: dict[tuple[str | None, str], dict[UUID, None]] = {}
        for seq, answer in sorted(batch.answers.items()):
            if answer.has_left:
                told = batch.told[seq]
                for kind, ids in (("household", told.household_ids), ("person", told.person_ids)):
                    left.setdefault((told.purpose, kind), {}).update(dict.fromkeys(ids))
        for (purpose, kind), subjects in left.items():
            if subjects:
                await write_line(tx, self._line(batch.endpoint, purpose, kind, tuple(subjects)))

    def _line(
        self, endpoint: Endpoint, purpose: str | None, kind: str, subjects: tuple[UUID, ...]
    ) -> AuditLine:
        return AuditLine(
            caller=f"partner:{endpoint.partner}",
            roles="webhook",
            kind="read",
            act=f"webhook {self._id}",
            subject_kind=kind,
            subjects=subjects,
            purpose=purpose,
            correlation_id=new_id(),
            trace_id=None,
        )

    async def _judge(self, tx: Transaction, endpoint: Endpoint, health: domain.Health) -> None:
        """Whether the endpoint is to be paused, probed later, or sent to again."""
        if health.succeeded:
            await store.note_success(tx, self._id, health.last_status)
            if endpoint.pause in ("failing", "gone"):
                await store.resume(tx, self._id, tx.recorded_at)
        failed = health.last_failure
        if failed is None or (health.succeeded and not health.is_gone):
            return
        failures = await store.note_failures(
            tx, self._id, health.failures, failed.status, failed.error
        )
        why = "gone" if health.is_gone else "failing"
        if endpoint.pause == "operator":
            return
        if health.is_gone or failures >= self._settings.pause_after:
            paused_at = endpoint.paused_at or tx.recorded_at
            probe_at = domain.probe_at(
                why,
                paused_at,
                tx.recorded_at,
                self._settings,
                random.random(),  # noqa: S311
            )
            await store.pause(tx, self._id, why, paused_at, probe_at)

    def _adapt(self, seconds: float) -> None:
        """Larger portions for a quick partner, small ones for a slow one: a portion must be done
        well within its lease."""
        if seconds < _FAST_SECONDS:
            self._most = min(2 * self._most, self._largest)
        elif seconds > _SLOW_SECONDS:
            self._most = max(self._most // 2, min(self._settings.concurrency, self._largest))
