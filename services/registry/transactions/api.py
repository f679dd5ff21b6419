"""DCI's roads whose answer follows later, and the one that tells how far they are."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from libs.common.dci import answers
from libs.common.dci.door import (
    Partner,
    Road,
    answer_to,
    enter,
    envelope_answer,
    json_answer,
    settings_of,
)
from libs.common.dci.headers import answer_header
from libs.common.dci.intake import Received, message_of
from libs.common.dci.messages import (
    SearchRequest,
    SubscribeRequest,
    TxnStatusRequest,
    UnsubscribeRequest,
)
from libs.common.dci.refusals import ack, refuse
from libs.common.dci.words import AckStatus, Action, ErrorCode, Scope
from libs.common.ids import new_id
from libs.common.partners.webhooks.addresses import Refused, parse
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.web import Edge
from services.registry.transactions import status, store
from services.registry.transactions.addresses import reply_to
from services.registry.transactions.domain import message

MOST_WAITING = 500  # requests of one partner
router = APIRouter(tags=["DCI"], include_in_schema=False)


@router.post("/registry/search", summary="Tra cứu, trả lời sau / search, answered later")
async def search(request: Request, edge: Partner) -> Response:
    """Acknowledged once it is kept; the answer comes as `on-search` to `sender_uri`."""
    received = await enter(request, edge, Action.SEARCH, Scope.SEARCH, Road.ACK)
    asked = message_of(received, SearchRequest, "search_request")
    references = [one.reference_id for one in asked.search_request]
    return await _keep(request, edge, received, asked.transaction_id, references)


@router.post("/registry/subscribe", summary="Đăng ký nhận tin / subscribe")
async def subscribe(request: Request, edge: Partner) -> Response:
    """The answer, `on-subscribe`, holds each subscription's code."""
    received = await enter(request, edge, Action.SUBSCRIBE, Scope.SUBSCRIBE, Road.ACK)
    asked = message_of(received, SubscribeRequest, "subscribe_request")
    references = [one.reference_id for one in asked.subscribe_request]
    return await _keep(request, edge, received, asked.transaction_id, references)


@router.post("/registry/unsubscribe", summary="Thôi nhận tin / unsubscribe")
async def unsubscribe(request: Request, edge: Partner) -> Response:
    """All of the codes or none; the answer is `on-unsubscribe`."""
    received = await enter(request, edge, Action.UNSUBSCRIBE, Scope.SUBSCRIBE, Road.ACK)
    asked = message_of(received, UnsubscribeRequest, "subscription_codes")
    codes = asked.subscription_codes
    return await _keep(request, edge, received, asked.transaction_id, codes)


@router.post("/registry/txn/status", summary="Tình trạng, trả lời sau / status, answered later")
async def txn_status(request: Request, edge: Partner) -> Response:
    """The answer is `txn-on-status`."""
    received = await enter(request, edge, Action.TXN_STATUS, None, Road.ACK, reads=True)
    asked = message_of(received, TxnStatusRequest)
    references = [asked.txnstatus_request.reference_id]
    return await _keep(request, edge, received, asked.transaction_id, references)


@router.post("/registry/sync/txn/status", summary="Tình trạng giao dịch / status of a transaction")
async def sync_txn_status(request: Request, edge: Partner) -> Response:
    """`rcvd`, `pdng`, then `succ` or `rjct`; of the caller's own transactions alone."""
    received = await enter(request, edge, Action.TXN_STATUS, None, Road.ENVELOPE, reads=True)
    asked = message_of(received, TxnStatusRequest)
    settings, now, correlation_id = settings_of(request), edge.clock.now(), new_id()
    found = await status.look(edge.tx, received.partner.partner, asked, correlation_id)
    header = answer_header(
        answer_to(Action.TXN_STATUS),
        message_id=str(new_id()),
        at=now,
        sender_id=settings.sender_id,
        receiver_id=received.header.sender_id,
        total=1,
        completed=1,
    )
    body = message(Action.TXN_STATUS, asked.transaction_id, correlation_id, [], found)
    profile = received.partner.terms.profile
    return envelope_answer(answers.seal(header, body, profile, settings, now))


async def _keep(
    request: Request,
    edge: Edge,
    received: Received,
    transaction_id: str,
    references: Sequence[str],
) -> Response:
    """Keep the request and acknowledge it, in one transaction."""
    header, terms = received.header, received.partner.terms
    action = Action(header.action)
    waiting = await store.count_waiting(edge.tx, received.partner.partner, MOST_WAITING)
    if waiting >= MOST_WAITING:
        raise refuse(ErrorCode.TOO_MANY, f"{MOST_WAITING} requests wait already", 429)
    address = reply_to(header.sender_uri, terms.callback_urls, answer_to(action))
    if address is None:
        raise refuse(
            ErrorCode.SENDER_URI, "/header/sender_uri: is none of the registered addresses"
        )
    partners: PartnerSettings = request.app.state.partners
    try:
        await partners.networks.resolve(parse(address))
    except Refused as refused:
        text = f"/header/sender_uri: nothing is sent there ({refused.reason})"
        raise refuse(ErrorCode.SENDER_URI, text) from None
    request_id = new_id()
    await store.keep(
        edge.tx,
        request_id,
        received.partner.partner,
        action,
        transaction_id,
        references,
        edge.caller.areas,
        address,
        received.message,
    )
    return json_answer(ack(AckStatus.ACK, str(request_id), edge.clock.now()))
