"""What each of `ansinh partners …` does and prints; every one answers the exit code."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ansinh.ops.client import Operator, Unanswered
from ansinh.ops.printing import ROADS, both, instant, table
from ansinh.services import with_dci, with_lists, with_partners
from libs.common.dci.schemas import DciTermsIn
from libs.common.partners.reconciling.domain import ReconciliationState
from libs.common.partners.reconciling.schemas import ReconciliationSeen
from libs.common.partners.schemas import RegistrationOut, TermsIn
from libs.common.partners.webhooks.schemas import EndpointOut, FailedOut, SecretsOut
from libs.common.problems import Text

_NOT_FOUND = Text("Không có trong dịch vụ nào có đối tác.", "No service with partners knows it.")
_SEVERAL = Text("Có ở nhiều dịch vụ: hãy nêu --service.", "In several services: give --service.")
STATES = {
    ReconciliationState.OPEN: Text("đang nhận", "open"),
    ReconciliationState.CLOSED: Text("chờ so sánh", "closed"),
    ReconciliationState.COMPARING: Text("đang so sánh", "comparing"),
    ReconciliationState.DONE: Text("xong", "done"),
    ReconciliationState.CANCELLED: Text("đã hủy", "cancelled"),
}
_NO_SERVICE = Text("Dịch vụ này không có đối tác.", "The service has no partners.")


async def list_all(operator: Operator, service: str | None) -> int:
    rows = []
    for name in _services(service):
        for one in await operator.get(name, "partners"):
            known = RegistrationOut.model_validate(one)
            until = "–" if known.valid_until is None else f"{known.valid_until:%d/%m/%Y}"
            rows.append(
                (
                    known.partner,
                    name,
                    known.name,
                    " ".join(known.event_types),
                    " ".join(known.areas)[:40],
                    until,
                    "✓" if known.is_confirmed else "–",
                )
            )
    return _say(
        table(
            (Text("MÃ", "SLUG"), Text("DỊCH VỤ", "SERVICE"), Text("TÊN", "NAME"),
             Text("SỰ KIỆN", "EVENTS"), Text("ĐỊA BÀN", "AREAS"), Text("ĐẾN", "UNTIL"),
             Text("XÁC NHẬN", "CONFIRMED")),
            rows,
        )
    )  # fmt: skip


async def show(operator: Operator, partner: str, service: str | None) -> int:
    name = await _service_of(operator, partner, service)
    known = await operator.get(name, f"partners/{partner}")
    _say([json.dumps(known, ensure_ascii=False, indent=2)])
    if name in with_dci():
        await dci(operator, partner, None)
    endpoints = await operator.get(name, f"partners/{partner}/endpoints")
    return _say(line for one in endpoints for line in _endpoint(EndpointOut.model_validate(one)))


async def dci(operator: Operator, partner: str, terms: dict[str, Any] | None) -> int:
    """Show who a partner is by DCI, or say it."""
    [service] = with_dci()
    at = f"partners/{partner}/dci"
    try:
        known = await operator.get(service, at)
    except Unanswered as error:
        if error.status != 404 or terms is None:
            raise
        known = None
    if terms is not None:
        given = terms if known is None else {**_dci_terms(known), **terms}
        version = None if known is None else known["version"]
        known = await operator.call(service, "PUT", at, json=given, version=version)
    return _say([json.dumps(known, ensure_ascii=False, indent=2)])


def _dci_terms(known: dict[str, Any]) -> dict[str, Any]:
    return {name: known[name] for name in DciTermsIn.model_fields}


async def add(operator: Operator, partner: str, service: str, terms: dict[str, Any]) -> int:
    [name] = _services(service)
    made = await operator.call(name, "POST", "partners", json={**terms, "partner": partner})
    return _say([json.dumps(made, ensure_ascii=False, indent=2)])


async def change(
    operator: Operator, partner: str, service: str | None, terms: dict[str, Any]
) -> int:
    name = await _service_of(operator, partner, service)
    known = await operator.get(name, f"partners/{partner}")
    kept = {field: known[field] for field in TermsIn.model_fields}
    changed = await operator.call(
        name, "PUT", f"partners/{partner}", json={**kept, **terms}, version=known["version"]
    )
    return _say([json.dumps(changed, ensure_ascii=False, indent=2)])


async def end(operator: Operator, partner: str, service: str | None, until: date | None) -> int:
    name = await _service_of(operator, partner, service)
    query = {} if until is None else {"until": until.isoformat()}
    ended = await operator.call(name, "DELETE", f"partners/{partner}", params=query)
    day = date.fromisoformat(ended["valid_until"])
    return _say([f"Hết hiệu lực từ / ends on {day:%d/%m/%Y}"])


async def add_endpoint(
    operator: Operator, partner: str, url: str, service: str | None, *, from_beginning: bool
) -> int:
    name = await _service_of(operator, partner, service)
    body = {"url": url, "from_beginning": from_beginning}
    made = await operator.call(name, "POST", f"partners/{partner}/endpoints", json=body)
    one = EndpointOut.model_validate(made)
    _say(_endpoint(one))
    return await _secrets(operator, name, one.endpoint_id)


async def show_secrets(operator: Operator, endpoint_id: UUID) -> int:
    return await _secrets(operator, await _service_with(operator, endpoint_id), endpoint_id)


async def rotate(operator: Operator, endpoint_id: UUID, overlap_hours: int) -> int:
    name = await _service_with(operator, endpoint_id)
    body = {"overlap_hours": overlap_hours}
    await operator.call(name, "POST", f"webhooks/{endpoint_id}/rotate", json=body)
    return await _secrets(operator, name, endpoint_id)


async def post(operator: Operator, endpoint_id: UUID, act: str) -> int:
    """Pause or resume."""
    name = await _service_with(operator, endpoint_id)
    one = await operator.call(name, "POST", f"webhooks/{endpoint_id}/{act}")
    return _say(_endpoint(EndpointOut.model_validate(one)))


async def remove(operator: Operator, endpoint_id: UUID) -> int:
    name = await _service_with(operator, endpoint_id)
    await operator.call(name, "DELETE", f"webhooks/{endpoint_id}")
    return _say(["Đã bỏ điểm nhận / removed"])


async def replay(operator: Operator, endpoint_id: UUID, since: datetime | None) -> int:
    name = await _service_with(operator, endpoint_id)
    body = {} if since is None else {"from_at": since.isoformat()}
    done = await operator.call(name, "POST", f"webhooks/{endpoint_id}/replay", json=body)
    if since is None:
        return _say([f"Sẽ thử lại / to be tried again: {done['count']:,}"])
    return _say([f"Gửi lại từ dòng / told again from row {done['position'] + 1:,}"])


async def list_failed(operator: Operator, endpoint_id: UUID) -> int:
    name = await _service_with(operator, endpoint_id)
    found = await operator.get(name, f"webhooks/{endpoint_id}/failed", limit=500)
    rows = [
        (
            str(one.subject),
            str(one.event_id),
            instant(one.recorded_at),
            f"{one.attempts:,}",
            one.last_error or "–",
            "–" if one.last_status is None else str(one.last_status),
        )
        for one in map(FailedOut.model_validate, found)
    ]
    return _say(
        table(
            (Text("CHỦ THỂ", "SUBJECT"), Text("SỰ KIỆN", "EVENT"), Text("GHI LÚC", "RECORDED"),
             Text("LẦN THỬ", "ATTEMPTS"), Text("LỖI", "ERROR"), Text("MÃ", "STATUS")),
            rows,
        )
    )  # fmt: skip


async def forget_failed(operator: Operator, endpoint_id: UUID) -> int:
    name = await _service_with(operator, endpoint_id)
    done = await operator.call(name, "DELETE", f"webhooks/{endpoint_id}/failed")
    return _say([f"Không gửi nữa / need not be told: {done['count']:,}"])


async def list_reconciliations(operator: Operator, service: str | None, partner: str | None) -> int:
    query = {} if partner is None else {"partner": partner}
    rows = [
        (
            str(one.reconciliation_id),
            one.partner,
            name,
            one.list,
            f"{one.as_of:%d/%m/%Y}",
            both(STATES[one.state]),
            f"{one.read:,}",
            "–" if one.ours is None else f"{one.ours:,}",
            f"{sum(one.differences.values()):,}",
            one.answer or "–",
        )
        for name in _services(service)
        if name in with_lists()
        for one in map(
            ReconciliationSeen.model_validate,
            await operator.get(name, "reconciliations", **query),
        )
    ]
    return _say(
        table(
            (Text("MÃ", "ID"), Text("ĐỐI TÁC", "PARTNER"), Text("DỊCH VỤ", "SERVICE"),
             Text("DANH SÁCH", "LIST"), Text("NGÀY", "AS OF"), Text("TÌNH TRẠNG", "STATE"),
             Text("ĐỌC ĐƯỢC", "READ"), Text("BÊN TA", "OURS"), Text("KHÁC", "DIFFER"),
             Text("BIÊN BẢN", "MINUTES")),
            rows,
        )
    )  # fmt: skip


async def show_reconciliation(operator: Operator, reconciliation_id: UUID) -> int:
    found = await _found_in(operator, f"reconciliations/{reconciliation_id}", with_lists())
    return _say([json.dumps(found[1], ensure_ascii=False, indent=2)])


async def _secrets(operator: Operator, service: str, endpoint_id: UUID) -> int:
    found = await operator.get(service, f"webhooks/{endpoint_id}/secrets")
    return _say(SecretsOut.model_validate(found).secrets)


def _endpoint(one: EndpointOut) -> Iterable[str]:
    yield f"{one.endpoint_id}  {one.url}"
    yield f"    {both(ROADS[one.pause or one.state])}"
    if one.last_success_at or one.last_failure_at:
        yield (
            f"    nhận lần cuối / last taken {instant(one.last_success_at)}; "
            f"lỗi lần cuối / last failure {instant(one.last_failure_at)} {_error(one)}"
        ).rstrip()
    if one.probe_at is not None:
        yield f"    thử lại lúc / probed at {instant(one.probe_at)}"


def _error(one: EndpointOut) -> str:
    """Of the last attempt, where it failed."""
    if one.last_error is None:
        return ""
    return one.last_error if one.last_status is None else f"{one.last_error} {one.last_status}"


def _services(service: str | None) -> list[str]:
    known = with_partners()
    if service is None:
        return known
    if service not in known:
        raise Unanswered(service, 0, _NO_SERVICE)
    return [service]


async def _service_of(operator: Operator, partner: str, service: str | None) -> str:
    """Where the partner is registered."""
    if service is not None:
        [name] = _services(service)
        return name
    found = [
        name
        for name in with_partners()
        if any(one["partner"] == partner for one in await operator.get(name, "partners"))
    ]
    if len(found) != 1:
        raise Unanswered("ansinh", 404, _SEVERAL if found else _NOT_FOUND)
    return found[0]


async def _service_with(operator: Operator, endpoint_id: UUID) -> str:
    """Whose endpoint it is."""
    return (await _found_in(operator, f"webhooks/{endpoint_id}"))[0]


async def _found_in(
    operator: Operator, path: str, services: Iterable[str] | None = None
) -> tuple[str, Any]:
    """The one service that knows it, and what it says."""
    for name in services or with_partners():
        try:
            return name, await operator.get(name, path)
        except Unanswered as error:
            if error.status != 404:
                raise
    raise Unanswered("ansinh", 404, _NOT_FOUND)


def _say(lines: Iterable[str]) -> int:
    print("\n".join(lines), flush=True)
    return 0
