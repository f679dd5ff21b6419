"""The job behind the acknowledgements: works each request once, and plans its answer's way.

State, effect and answer are one transaction: killed half-way it leaves a request that is pending,
and the next run takes it up. That it is pending is written before, so that its sender can see it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.common.areas.scope import ScopeCache
from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.dci import partners as dci_partners
from libs.common.dci.messages import SubscribeRequest, TxnStatusRequest, UnsubscribeRequest
from libs.common.dci.partners import DciPartner
from libs.common.dci.settings import DciSettings
from libs.common.dci.words import Action, Status
from libs.common.partners.scoping import scope_within
from libs.common.partners.webhooks.addresses import parse
from libs.common.partners.webhooks.settings import PartnerSettings, WebhookSettings
from libs.common.service import PartnerTick, Tick
from services.registry.subscriptions import acts as subscriptions
from services.registry.subscriptions.acts import Asker
from services.registry.transactions import status, store
from services.registry.transactions.addresses import notify_at
from services.registry.transactions.domain import Outcome, item, stamp, status_answer
from services.registry.transactions.search import Searcher, outcome_of_search
from services.registry.transactions.store import Request

MOST_ATTEMPTS = 10
_PORTION = 10_000


async def run_requests(database: Database, clock: Clock, partners: PartnerSettings) -> None:
    """Work every request that waits; safe to repeat, to interrupt and to run side by side."""
    if partners.dci is None:
        return
    while (request_id := await _begin(database)) is not None:
        async with database.transaction() as tx:
            await work(tx, request_id, partners.dci, clock.today())


async def _begin(database: Database) -> UUID | None:
    async with database.transaction() as tx:
        return await store.begin(tx)


async def work(tx: Transaction, request_id: UUID, settings: DciSettings, day: date) -> None:
    """One request, unless another job has it."""
    request = await store.lock(tx, request_id)
    if request is None:
        return
    partner = await dci_partners.find(tx, request.partner)
    if partner is None or not partner.is_valid_on(day):
        outcome = _refused(tx, request, "the registration has ended")
    elif request.attempts > MOST_ATTEMPTS:
        outcome = _refused(tx, request, "it could not be worked")
    else:
        outcome = await _outcome(tx, request, partner, settings, day)
    await store.finish(tx, request_id, outcome.status, outcome.as_json())
    target = parse(request.reply_to)
    await store.plan_reply(tx, request, target.origin, target.path)


async def _outcome(
    tx: Transaction, request: Request, partner: DciPartner, settings: DciSettings, day: date
) -> Outcome:
    asked: Mapping[str, object] = request.asked
    match Action(request.action):
        case Action.SEARCH:
            searcher = Searcher(settings)
            answer = await searcher.search(
                tx, partner, asked, request.areas, request.request_id, day
            )
            return outcome_of_search(answer)
        case Action.SUBSCRIBE:
            notify_url = partner.terms.notify_url or notify_at(request.reply_to)
            wanted = SubscribeRequest.model_validate(asked)
            terms = partner.registration.terms
            within = await scope_within(tx, ScopeCache(), terms, request.areas, day)
            asker = Asker(partner, request.areas, within, notify_url, settings, day)
            return await subscriptions.subscribe(tx, asker, wanted)
        case Action.UNSUBSCRIBE:
            given_up = UnsubscribeRequest.model_validate(asked)
            return await subscriptions.unsubscribe(tx, request.partner, given_up)
        case _:
            about = TxnStatusRequest.model_validate(asked)
            found = await status.look(tx, request.partner, about, request.request_id)
            return Outcome(Status.SUCCEEDED, [], found)


def _refused(tx: Transaction, request: Request, text: str) -> Outcome:
    at = tx.recorded_at
    items = [item(one, at, Status.REJECTED, text=text) for one in request.reference_ids]
    more: dict[str, Any] = {}
    match Action(request.action):
        case Action.UNSUBSCRIBE:
            more = {"timestamp": stamp(at), "status": Status.REJECTED.value}
        case Action.TXN_STATUS:
            about = request.asked["txnstatus_request"]
            more = status_answer(about, request.transaction_id, request.request_id, None, at)
    return Outcome(Status.REJECTED, items, more)


async def forget(database: Database, clock: Clock) -> None:
    """Delete what was answered long ago, and what was asked for once its answer has arrived."""
    before = clock.now() - WebhookSettings().kept
    while True:
        async with database.transaction() as tx:
            if await store.forget_asked(tx, before) < _PORTION:
                break
    while True:
        async with database.transaction() as tx:
            if await store.purge(tx, before) < _PORTION:
                return


WORK = PartnerTick("registry.transactions", timedelta(seconds=1), run_requests)
FORGET = Tick("registry.transactions.forget", timedelta(hours=1), forget)
