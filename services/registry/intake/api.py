"""DCI's other side: what a registry that we have asked, or subscribed to, sends us."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from libs.common.database import Transaction
from libs.common.dci import intake, partners
from libs.common.dci.door import Partner, Road, count_call, json_answer, settings_of
from libs.common.dci.headers import CallbackHeader, RequestHeader
from libs.common.dci.intake import Envelope
from libs.common.dci.refusals import ack, misshapen, unreadable
from libs.common.dci.words import AckStatus, Action, Scope, Status
from libs.common.ids import new_id
from libs.common.partners import registrations
from libs.common.web import Edge
from libs.common.web.act import SCOPE_KEY, Act
from services.registry.intake import store
from services.registry.intake.domain import split
from services.registry.intake.schemas import MODELS

router = APIRouter(tags=["DCI"], include_in_schema=False)


@router.post("/registry/on-search", summary="Kết quả tra cứu / a search's answer")
async def on_search(request: Request, edge: Partner) -> Response:
    return await _take(request, edge, Action.ON_SEARCH)


@router.post("/registry/on-subscribe", summary="Kết quả đăng ký / a subscription's answer")
async def on_subscribe(request: Request, edge: Partner) -> Response:
    return await _take(request, edge, Action.ON_SUBSCRIBE)


@router.post("/registry/on-unsubscribe", summary="Kết quả thôi nhận / an unsubscription's answer")
async def on_unsubscribe(request: Request, edge: Partner) -> Response:
    return await _take(request, edge, Action.ON_UNSUBSCRIBE)


@router.post("/registry/notify", summary="Tin thay đổi / a change that was subscribed to")
async def notify(request: Request, edge: Partner) -> Response:
    """Kept once by its `reference_id`, however often it comes."""
    return await _take(request, edge, Action.NOTIFY)


@router.post("/registry/txn/on-status", summary="Tình trạng giao dịch / a transaction's status")
async def txn_on_status(request: Request, edge: Partner) -> Response:
    return await _take(request, edge, Action.TXN_ON_STATUS)


async def _take(request: Request, edge: Edge, action: Action) -> Response:
    """Verify, keep once, acknowledge. A copy is acknowledged as well: its sender did not hear."""
    act: Act = request.scope[SCOPE_KEY]
    settings, day = settings_of(request), edge.clock.today()
    request.state.dci_road = Road.ACK
    media, body = request.headers.get("content-type", ""), await request.body()
    signature, header, message = intake.read_parts(media, body, act.runtime.limits.depth)
    said = _read_header(header)
    sender = said.sender_id or await _sender_of(edge.tx, edge.caller.subject, day)
    stated = RequestHeader.model_construct(
        version=said.version,
        message_id=said.message_id,
        message_ts=said.message_ts,
        action=said.action,
        sender_id=sender,
        receiver_id=said.receiver_id,
        total_count=said.total_count or 0,
        is_msg_encrypted=said.is_msg_encrypted,
    )
    envelope = Envelope(signature, header, message, stated)
    partner = await intake.identify(edge.tx, edge.caller, envelope, Scope.NOTIFY, day)
    count_call(act, partner)
    await intake.admit(edge.tx, envelope, partner, action, settings, takes_copies=True)
    _check(action, said.status, message)
    parts = split(action, said.message_id, message)
    await store.keep(edge.tx, partner.partner, action.value, said.message_id, header, parts)
    correlation_id = str((message or {}).get("correlation_id") or new_id())
    return json_answer(ack(AckStatus.ACK, correlation_id, edge.clock.now()))


def _read_header(header: Mapping[str, Any]) -> CallbackHeader:
    try:
        return CallbackHeader.model_validate(header)
    except ValidationError as error:
        raise misshapen(error, "header") from None


def _check(action: Action, status: Status, message: Mapping[str, Any] | None) -> None:
    """Whether the message is one of this address; a rejection's header may stand alone."""
    if message is None:
        if status is Status.REJECTED:
            return
        raise unreadable("/message: is required")
    try:
        MODELS[action].model_validate(message)
    except ValidationError as error:
        raise misshapen(error, "message") from None


async def _sender_of(tx: Transaction, subject: str, day: date) -> str:
    """Whose token it is, for a header that names no sender."""
    known = await registrations.find_by_subject(tx, subject, day)
    found = None if known is None else await partners.find(tx, known.partner)
    return "" if found is None else found.terms.sender_id
