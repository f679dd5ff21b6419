"""Internal API for operators: endpoints, their secrets, pauses and replays; all of it audited."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from libs.common.ids import new_id
from libs.common.partners.api import Operator, Partner, get
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.addresses import Refused, parse
from libs.common.partners.webhooks.keys import KeyMissing
from libs.common.partners.webhooks.schemas import (
    EndpointIn,
    EndpointOut,
    FailedOut,
    ReplayedOut,
    ReplayIn,
    RotateIn,
    SecretsOut,
)
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.partners.webhooks.signing import secret_text
from libs.common.partners.webhooks.store import Endpoint
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.web import Edge

router = APIRouter(tags=["Đối tác / Partners"])
_WAKE = "outbox"  # the channel that lanes listen to

_REASONS = {
    "url.unreadable": Text(
        "Không phải địa chỉ http(s) đúng.", "It is no well-formed http(s) address."
    ),
    "url.parts": Text(
        "Địa chỉ có tên đăng nhập, mảnh (#) hoặc quá dài.",
        "It has a login, a fragment (#), or is too long.",
    ),
    "address.unresolved": Text("Tên máy không dẫn tới đâu.", "The name leads nowhere."),
    "address.internal": Text(
        "Địa chỉ nội bộ, hoặc không mã hoá.", "It is an internal address, or without TLS."
    ),
}
_FIX = Text(
    "Dùng địa chỉ https công khai, hoặc khai báo mạng riêng (ANSINH_PARTNER_NETWORKS).",
    "Give a public https address, or name the private network (ANSINH_PARTNER_NETWORKS).",
)


def settings_of(request: Request) -> PartnerSettings:
    """The keys and networks of the application."""
    found: PartnerSettings | None = request.app.state.partners
    if found is None:
        title = Text("Chưa đặt ANSINH_PARTNER_KEY.", "ANSINH_PARTNER_KEY is not set.")
        raise Problem(503, "partner.no_key", title)
    return found


Settings = Annotated[PartnerSettings, Depends(settings_of)]


@router.get(
    "/partners/{partner}/endpoints",
    response_model=list[EndpointOut],
    summary="Where a partner is told",
)
async def list_endpoints(partner: Partner, edge: Operator) -> list[EndpointOut]:
    await get(edge, partner)
    return [EndpointOut.of(one) for one in await store.list_of(edge.tx, partner)]


@router.post(
    "/partners/{partner}/endpoints",
    response_model=EndpointOut,
    status_code=201,
    summary="Tell a partner at an address",
)
async def add_endpoint(
    partner: Partner, body: EndpointIn, edge: Operator, settings: Settings
) -> EndpointOut:
    """The secret is not in the answer, which may be kept: ask for it."""
    await get(edge, partner)
    try:
        await settings.networks.resolve(parse(body.url))
    except Refused as refused:
        title = Text("Không gửi tới địa chỉ này.", "Nothing is sent to this address.")
        error = FieldError("/url", refused.reason, _REASONS[refused.reason], _FIX)
        raise Problem(422, "webhook.refused", title, [error]) from None
    endpoint_id = new_id()
    await store.add(
        edge.tx,
        endpoint_id,
        partner,
        body.url,
        settings.keys.first(),
        edge.caller.subject,
        from_beginning=body.from_beginning,
    )
    return EndpointOut.of(await _changed(edge, endpoint_id))


@router.get("/webhooks/{endpoint_id}", response_model=EndpointOut, summary="One endpoint")
async def show_endpoint(endpoint_id: UUID, edge: Operator) -> EndpointOut:
    return EndpointOut.of(await _get(edge, endpoint_id))


@router.get(
    "/webhooks/{endpoint_id}/secrets",
    response_model=SecretsOut,
    summary="The secrets in force, to hand over",
)
async def show_secrets(endpoint_id: UUID, edge: Operator, settings: Settings) -> SecretsOut:
    return _secrets(edge, settings, await _get(edge, endpoint_id))


@router.post(
    "/webhooks/{endpoint_id}/rotate",
    response_model=EndpointOut,
    summary="A new secret; the one before signs beside it for a while",
)
async def rotate(
    endpoint_id: UUID, body: RotateIn, edge: Operator, settings: Settings
) -> EndpointOut:
    known = await _get(edge, endpoint_id)
    if not known.secrets:
        raise _has_none("secret")
    overlap = timedelta(hours=body.overlap_hours)
    secrets = settings.keys.rotate(known.secrets, edge.clock.now(), overlap)
    await store.keep_secrets(edge.tx, endpoint_id, secrets)
    return EndpointOut.of(await _changed(edge, endpoint_id))


@router.post(
    "/webhooks/{endpoint_id}/pause",
    response_model=EndpointOut,
    summary="Send nothing until resumed; what comes meanwhile waits",
)
async def pause(endpoint_id: UUID, edge: Operator) -> EndpointOut:
    await _get(edge, endpoint_id)
    now = edge.tx.recorded_at
    await store.pause(edge.tx, endpoint_id, "operator", now, now)
    return EndpointOut.of(await _changed(edge, endpoint_id))


@router.post(
    "/webhooks/{endpoint_id}/resume", response_model=EndpointOut, summary="Send again, at once"
)
async def resume(endpoint_id: UUID, edge: Operator) -> EndpointOut:
    await _get(edge, endpoint_id)
    await store.resume(edge.tx, endpoint_id, edge.tx.recorded_at)
    return EndpointOut.of(await _changed(edge, endpoint_id))


@router.post(
    "/webhooks/{endpoint_id}/replay",
    response_model=ReplayedOut,
    status_code=202,
    summary="Tell again: since an instant, or what was given up",
)
async def replay(endpoint_id: UUID, body: ReplayIn, edge: Operator) -> ReplayedOut:
    """Under the same `webhook-id` as before; the order of a subject's versions holds."""
    await _get(edge, endpoint_id)
    if body.from_at is None:
        out = ReplayedOut(count=await store.retry_failed(edge.tx, endpoint_id))
    else:
        position = await store.rewind(edge.tx, endpoint_id, body.from_at)
        if position is None:
            raise _has_none("ledger")
        out = ReplayedOut(position=position)
    await _changed(edge, endpoint_id)
    return out


@router.delete("/webhooks/{endpoint_id}", status_code=204, summary="Tell nobody there any more")
async def remove(endpoint_id: UUID, edge: Operator) -> None:
    await _get(edge, endpoint_id)
    await store.remove(edge.tx, endpoint_id)
    edge.note("endpoint", [endpoint_id])
    edge.tx.wakes.add(_WAKE)


@router.get(
    "/webhooks/{endpoint_id}/failed",
    response_model=list[FailedOut],
    summary="What was given up, oldest first",
)
async def list_failed(
    endpoint_id: UUID,
    edge: Operator,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[FailedOut]:
    await _get(edge, endpoint_id)
    rows = await store.list_failed(edge.tx, endpoint_id, after, limit)
    edge.note("subject", {row["subject"] for row in rows})
    return [FailedOut.model_validate(dict(row)) for row in rows]


@router.delete(
    "/webhooks/{endpoint_id}/failed",
    response_model=ReplayedOut,
    summary="What was given up need not be told any more",
)
async def forget_failed(endpoint_id: UUID, edge: Operator) -> ReplayedOut:
    """It cannot be tried again on its own after this, and is deleted once it is thirty days old."""
    await _get(edge, endpoint_id)
    subjects = await store.give_up_for_good(edge.tx, endpoint_id)
    edge.note("endpoint", [endpoint_id])
    edge.note("subject", dict.fromkeys(subjects))
    return ReplayedOut(count=len(subjects))


async def _get(edge: Edge, endpoint_id: UUID) -> Endpoint:
    found = await store.find(edge.tx, endpoint_id, lock=True)
    if found is None:
        raise not_found("endpoint")
    return found


async def _changed(edge: Edge, endpoint_id: UUID) -> Endpoint:
    edge.note("endpoint", [endpoint_id])
    edge.tx.wakes.add(_WAKE)
    return await _get(edge, endpoint_id)


def _has_none(what: str) -> Problem:
    """Of an endpoint that is no webhook: it signs in another way, or is told answers alone."""
    title = Text("Điểm nhận này không phải webhook.", "This endpoint is no webhook.")
    fix = Text(
        "Gửi lại những gì đã bỏ: không ghi `from_at`.",
        "To have sent again what was given up, leave out `from_at`.",
    )
    rule = f"endpoint.without_{what}"
    return Problem(409, rule, title, [FieldError("", rule, title, fix)])


def _secrets(edge: Edge, settings: PartnerSettings, one: Endpoint) -> SecretsOut:
    try:
        found = settings.keys.in_force(one.endpoint_id, one.secrets, edge.clock.now())
    except KeyMissing:
        title = Text(
            "Khóa ANSINH_PARTNER_KEY của bí mật này không còn; hãy đổi bí mật (rotate).",
            "The ANSINH_PARTNER_KEY of this secret is not set any more; rotate it.",
        )
        raise Problem(409, "partner.key_gone", title) from None
    edge.note("endpoint", [one.endpoint_id])
    return SecretsOut(endpoint_id=one.endpoint_id, secrets=[secret_text(one) for one in found])
