"""What a decision must be to take effect: every broken rule, each with its field or line."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import DecisionKind, StatusClass
from services.registry.households import store as households
from services.registry.households.events import read_units
from services.registry.reviews import documents, store
from services.registry.reviews.documents import Sheet, StoredDecision
from services.registry.reviews.store import Document
from services.registry.standards.domain import check_standard, standards

LINES_LISTED = 1_000

_LINE_RULES = {
    "household.unknown": (
        Text("Không có hộ này trong phạm vi được phép.", "No such household within your areas."),
        Text("Kiểm tra lại mã hộ.", "Check the household's id."),
    ),
    "household.twice": (
        Text("Một hộ được ghi hai lần trong quyết định.", "The household is named twice."),
        Text("Chỉ giữ một dòng.", "Keep one line only."),
    ),
    "household.closed": (
        Text("Hộ đã kết thúc theo dõi vào ngày đó.", "The household was closed by that day."),
        Text("Bỏ dòng này, hoặc hủy việc kết thúc.", "Remove it, or reverse the closing."),
    ),
    "household.other_commune": (
        Text(
            "Hộ cư trú ở xã khác vào ngày có hiệu lực.", "The household lives elsewhere that day."
        ),
        Text("Bỏ dòng này; xã nơi cư trú ra quyết định.", "Remove it; its own commune decides."),
    ),
    "household.not_resident_yet": (
        Text("Ngày có hiệu lực trước ngày hộ cư trú.", "The day is before the known residence."),
        Text("Sửa ngày có hiệu lực hoặc ngày cư trú.", "Mend the effective or the residence day."),
    ),
    "row.not_in_superseded": (
        Text("Hộ không có trong quyết định bị thay thế.", "Not in the superseded decision."),
        Text("Bỏ dòng này hoặc sửa `supersedes`.", "Remove the line or mend `supersedes`."),
    ),
    "row.already_superseded": (
        Text("Dòng này đã được thay thế trước đó.", "This row was already superseded."),
        Text("Đính chính quyết định mới nhất.", "Supersede the newest decision instead."),
    ),
    "status.missing": (
        Text("Thiếu phân loại hộ.", "The class is missing."),
        Text("Nhập phân loại của hộ.", "Give the household's class."),
    ),
    "status.not_in_revocation": (
        Text("Quyết định thu hồi không ghi phân loại.", "A revocation gives no class."),
        Text("Bỏ `status`.", "Leave `status` out."),
    ),
}


async def check_document(
    tx: Transaction, document: Document, rows_given: int, today: date
) -> list[FieldError]:
    """Every broken rule of the document itself.

    Raises:
        Problem: 403 where the commune is outside the caller's areas.
    """
    if await households.communes_outside_scope(tx, [document.commune]):
        title = Text("Xã ngoài phạm vi được phân công.", "The commune is outside your areas.")
        fix = Text("Xã nơi cư trú ra quyết định.", "The commune of residence decides.")
        error = FieldError("/commune", "scope.outside", title, fix)
        raise Problem(403, "scope.outside", title, [error])
    errors: list[FieldError] = []
    if document.signed_on > today:
        errors.append(
            _error("/signed_on", "day.future", "Ngày ký ở tương lai.", "Signed in the future.")
        )
    if not rows_given and document.kind is not DecisionKind.REVOKE:
        errors.append(
            _error("/rows", "decision.empty", "Quyết định không có hộ nào.", "No household named.")
        )
    errors.extend(await _check_place(tx, document))
    errors.extend(await _check_superseded(tx, document))
    if await documents.is_number_used(tx, document):
        errors.extend(documents.taken("number").errors)
    return errors


async def check_sheet(tx: Transaction, document: Document, sheet: Sheet) -> list[FieldError]:
    """Every line that breaks a rule, in the order of the request."""
    ids = sheet.household_ids
    named = Counter(ids)
    visible = await households.visible_households(tx, ids)
    residences = await households.residences_on(tx, ids, document.effective_on)
    place = set(await documents.codes_of_same_place(tx, document.commune, document.signed_on))
    prior, fallen = await _superseded(tx, document, ids)
    broken: list[tuple[int, str]] = []
    for line, household_id in zip(sheet.lines, ids, strict=True):
        if named[household_id] > 1:
            broken.append((line, "household.twice"))
        if household_id not in visible:
            broken.append((line, "household.unknown"))
            continue
        if document.supersedes is not None:
            if household_id not in prior:
                broken.append((line, "row.not_in_superseded"))
            elif household_id in fallen:
                broken.append((line, "row.already_superseded"))
        if document.kind is not DecisionKind.REVOKE:
            closed_on = visible[household_id]
            if closed_on is not None and closed_on <= document.effective_on:
                broken.append((line, "household.closed"))
                continue
            lives_in = residences.get(household_id)
            if lives_in is None:
                broken.append((line, "household.not_resident_yet"))
            elif lives_in not in place:
                broken.append((line, "household.other_commune"))
    return [_line_error(line, rule) for line, rule in sorted(broken)]


async def _superseded(
    tx: Transaction, document: Document, household_ids: Sequence[UUID]
) -> tuple[set[UUID], set[UUID]]:
    """Whom the superseded decision names, and for whom it no longer stands."""
    if document.supersedes is None:
        return set(), set()
    prior = await store.named_by(tx, household_ids, document.supersedes, document.standard)
    return prior, await store.fallen_households(tx, household_ids, document.supersedes)


def check_statuses(document: Document, sheet: Sheet) -> list[FieldError]:
    """Classes that are missing, out of place, or not known to the standard on that day."""
    errors: list[FieldError] = []
    if document.kind is DecisionKind.REVOKE:
        return [
            _line_error(line, "status.not_in_revocation")
            for line, status in sorted(zip(sheet.lines, sheet.statuses, strict=True))
            if status is not None
        ]
    header = check_standard(document.standard, StatusClass.NONE, document.effective_on)
    if header is not None:
        errors.append(header)
    known = {
        status
        for status in StatusClass
        if check_standard(document.standard, status, document.effective_on) is None
    }
    for line, status in sorted(zip(sheet.lines, sheet.statuses, strict=True)):
        if status is None:
            errors.append(_line_error(line, "status.missing"))
        elif header is None and status not in known:
            pointer = f"/rows/{line}"
            fault = check_standard(document.standard, status, document.effective_on, pointer)
            errors.extend([fault] if fault is not None else [])
    return errors


def refusal(errors: Sequence[FieldError]) -> Problem:
    """The whole decision is refused: the first thousand broken rules, and how many more."""
    listed = list(errors[:LINES_LISTED])
    rest = len(errors) - len(listed)
    if rest:
        listed.append(
            FieldError(
                "/rows",
                "rows.more",
                Text(f"Còn {rest} lỗi khác.", f"{rest} more broken rules are not listed."),
                Text("Sửa các dòng đã nêu rồi gửi lại.", "Mend the listed lines and send again."),
            )
        )
    title = Text(
        "Quyết định bị từ chối toàn bộ.", "The decision is refused as a whole; nothing was done."
    )
    return Problem(422, "decision.refused", title, listed)


async def _check_place(tx: Transaction, document: Document) -> list[FieldError]:
    unit = (await read_units(tx, [(document.commune, document.signed_on)])).get(
        (document.commune, document.signed_on)
    )
    if unit is None:
        if await households.known_communes(tx, [document.commune]):
            rule, vi, en = (
                "area.not_valid_that_day",
                "Mã xã không có hiệu lực vào ngày ký.",
                "The commune's code was not valid on the day of signing.",
            )
        else:
            rule, vi, en = "area.unknown", "Không có xã mang mã này.", "No commune has this code."
        return [_error("/commune", rule, vi, en)]
    standard = standards().get(document.standard)
    if standard is not None and standard.provinces and unit.province not in standard.provinces:
        return [
            _error(
                "/standard",
                "standard.other_province",
                "Chuẩn này chỉ áp dụng ở tỉnh, thành phố khác.",
                "This standard applies in another province only.",
            )
        ]
    return []


async def _check_superseded(tx: Transaction, document: Document) -> list[FieldError]:
    at = "/supersedes"
    if document.kind is DecisionKind.RECOGNISE:
        if document.supersedes is None:
            return []
        vi = "Quyết định công nhận không thay thế quyết định khác."
        en = "A recognising decision supersedes nothing; use `correct`."
        return [_error(at, "decision.supersedes_not_allowed", vi, en)]
    if document.supersedes is None:
        vi, en = "Thiếu quyết định bị thay thế.", "The superseded decision is missing."
        return [_error(at, "decision.supersedes_missing", vi, en)]
    prior = await documents.find_decision(tx, document.supersedes)
    if prior is None or prior.state != "done":
        vi, en = "Không có quyết định này hoặc chưa thực hiện.", "No such decision took effect."
        return [_error(at, "decision.superseded_unknown", vi, en)]
    place = await documents.codes_of_same_place(tx, document.commune, document.signed_on)
    if prior.document.commune not in place:
        vi, en = "Quyết định này của xã khác.", "That decision is another commune's."
        return [_error(at, "decision.superseded_elsewhere", vi, en)]
    return _check_same_kind(document, prior)


def _check_same_kind(document: Document, prior: StoredDecision) -> list[FieldError]:
    errors = []
    if prior.document.standard != document.standard:
        vi, en = "Quyết định bị thay thế theo chuẩn khác.", "It is under another standard."
        errors.append(_error("/supersedes", "decision.other_standard", vi, en))
    if document.kind is DecisionKind.CORRECT and prior.document.kind is DecisionKind.REVOKE:
        vi, en = "Không đính chính quyết định thu hồi.", "A revocation is revoked, not corrected."
        errors.append(_error("/supersedes", "decision.superseded_is_revocation", vi, en))
    return errors


async def revocable(tx: Transaction, decision_id: UUID) -> list[UUID]:
    """The households whose rows a revocation of the whole decision withdraws."""
    named = await store.households_of(tx, decision_id)
    fallen = await store.fallen_households(tx, named, decision_id)
    return [household_id for household_id in named if household_id not in fallen]


def _line_error(line: int, rule: str) -> FieldError:
    message, fix = _LINE_RULES[rule]
    field = "status" if rule.startswith("status.") else "household_id"
    pointer = f"/rows/{line}/{field}" if line >= 0 else "/supersedes"
    return FieldError(pointer, rule, message, fix)


def _error(pointer: str, rule: str, vi: str, en: str) -> FieldError:
    fix = Text("Kiểm tra lại quyết định đã ký.", "Check against the signed document.")
    return FieldError(pointer, rule, Text(vi, en), fix)
