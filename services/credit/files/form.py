"""The one form that goes round: list 03/TD leaves with the outcome columns to be filled, and comes
back as the bank's outcome file; the report is the same form with what came of each line. Pure.

The columns of 03/TD are not confirmed against its printed form.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from libs.common.files.cells import day_of, id_of, whole_of
from libs.common.files.layout import Column, Kind, Layout, fold
from libs.common.files.refusals import cell_error
from libs.common.problems import FieldError, Text
from libs.common.vocabulary import CapitalSource
from libs.common.web.rules import explain
from services.credit.needs.schemas import AnswerIn, ReceiptIn
from services.credit.outcomes.domain import Step, Told
from services.credit.referrals.schemas import DisbursementIn

LIST = (
    Column("number", "STT", Kind.WHOLE, is_read=False),
    Column("referral_id", "Mã giới thiệu", Kind.ID, is_needed=True),
    Column("need_id", "Mã nhu cầu vay", Kind.ID),
    Column("household_id", "Mã hộ", Kind.ID, is_read=False),
    Column("full_name", "Họ và tên người vay", is_read=False),
    Column("personal_number", "Số định danh cá nhân", is_read=False),
    Column("commune", "Mã xã", is_read=False),
    Column("group_id", "Mã Tổ TK&VV", Kind.ID, is_read=False),
    Column("list_id", "Mã danh sách", Kind.ID, is_read=False),
    Column("minutes_number", "Số biên bản 10C/TD", is_read=False),
    Column("voted_on", "Ngày bình xét", Kind.DAY, is_read=False),
    Column("confirmed_on", "Ngày xã xác nhận", Kind.DAY, is_read=False),
    Column("programme", "Chương trình", is_read=False),
    Column("beneficiary", "Đối tượng", is_read=False),
    Column("purpose", "Mục đích vay", is_read=False),
    Column("amount", "Số tiền đề nghị (đồng)", Kind.WHOLE, is_read=False),
    Column("months", "Thời hạn đề nghị (tháng)", Kind.WHOLE, is_read=False),
    Column("source", "Nguồn vốn đề nghị", is_read=False),
    Column("stage", "Bước xử lý", is_read=False),
)
OUTCOME = (
    Column("received_on", "Ngày nhận hồ sơ", Kind.DAY),
    Column("answered_on", "Ngày trả lời", Kind.DAY),
    Column("approved", "Trả lời"),
    Column("approved_amount", "Số tiền duyệt (đồng)", Kind.WHOLE),
    Column("approved_months", "Thời hạn duyệt (tháng)", Kind.WHOLE),
    Column("reason", "Lý do từ chối"),
    Column("paid_on", "Ngày giải ngân", Kind.DAY),
    Column("paid_amount", "Số tiền giải ngân (đồng)", Kind.WHOLE),
    Column("contract_number", "Số hợp đồng"),
    Column("paid_months", "Thời hạn vay (tháng)", Kind.WHOLE),
    Column("paid_source", "Nguồn vốn"),
)
REPORT = (
    Column("result", "Kết quả", is_read=False),
    Column("why", "Lý do", is_read=False),
    Column("fix", "Cách sửa", is_read=False),
)
FORM = Layout("03-TD", (*LIST, *OUTCOME, *REPORT))
READ = tuple(column.name for column in FORM.read)
TITLES = {column.name: column.title for column in FORM.columns}
_KINDS = {column.name: column.kind for column in FORM.columns}

APPROVED = {True: "duyệt", False: "từ chối"}
SOURCES = {CapitalSource.CENTRAL: "trung ương", CapitalSource.LOCAL: "địa phương"}
_ANSWERS = dict.fromkeys(("duyet", "phe duyet", "dong y", "co"), True) | dict.fromkeys(
    ("tu choi", "khong duyet", "khong dong y", "khong"), False
)
_SOURCES = {
    "trung uong": CapitalSource.CENTRAL,
    "tw": CapitalSource.CENTRAL,
    "dia phuong": CapitalSource.LOCAL,
    "dp": CapitalSource.LOCAL,
}
_WORDS: dict[str, tuple[str, Text, Text]] = {
    "approved": (
        "answer.word",
        Text("Không hiểu câu trả lời.", "The answer is not understood."),
        Text("Ghi “duyệt” hoặc “từ chối”.", "Write “duyệt” (approved) or “từ chối” (refused)."),
    ),
    "paid_source": (
        "source.word",
        Text("Không hiểu nguồn vốn.", "The source of capital is not understood."),
        Text("Ghi “trung ương” hoặc “địa phương”.", "Write “trung ương” or “địa phương”."),
    ),
}
# The same words for the same field of the REST road, by step.
_FIELDS: dict[Step | None, dict[str, str]] = {
    None: {"need_id": "need_id"},
    Step.RECEIPT: {"received_on": "received_on"},
    Step.ANSWER: {
        "answered_on": "answered_on",
        "approved": "approved",
        "amount": "approved_amount",
        "months": "approved_months",
        "reason": "reason",
    },
    Step.PAYMENT: {
        "paid_on": "paid_on",
        "amount": "paid_amount",
        "contract_number": "contract_number",
        "months": "paid_months",
        "source": "paid_source",
    },
}
_BODIES: dict[Step, type[BaseModel]] = {
    Step.RECEIPT: ReceiptIn,
    Step.ANSWER: AnswerIn,
    Step.PAYMENT: DisbursementIn,
}
_RULES = {
    Kind.DAY: "day.unreadable",
    Kind.WHOLE: "number.unreadable",
    Kind.ID: "id.unreadable",
}


def told_of(
    cells: Mapping[str, str], correlation_id: UUID, errors: list[FieldError]
) -> Told | None:
    """What a line says; None where it cannot be read, with every fault in `errors`.

    Each part goes through the very model that the REST road takes, so that the limits are the same.
    A line that says nothing of the need is no fault: the bank has not come to it yet.
    """
    values = {name: _value(name, text, errors) for name, text in cells.items() if text}
    if not cells["referral_id"] and all(error.pointer != "/referral_id" for error in errors):
        errors.append(cell_error("/referral_id", "cell.missing"))
    bodies = {step: _body(step, values, errors) for step in Step}
    referral_id, need_id = values.get("referral_id"), values.get("need_id")
    if errors or not isinstance(referral_id, UUID):
        return None
    receipt, given, paid = (bodies[step] for step in Step)
    return Told(
        referral_id,
        correlation_id,
        need_id=need_id if isinstance(need_id, UUID) else None,
        received_on=receipt.received_on if isinstance(receipt, ReceiptIn) else None,
        answer=given.given() if isinstance(given, AnswerIn) else None,
        payment=paid.payment() if isinstance(paid, DisbursementIn) else None,
    )


def column_of(step: Step | None, pointer: str) -> str | None:
    """Which column a broken rule of a step is about; None: the line."""
    return _FIELDS[step].get(pointer.removeprefix("/"))


def faults_of(faults: Sequence[tuple[str, str]]) -> list[FieldError]:
    """What the reader found wrong with a line's cells."""
    return [cell_error(_pointer(name), rule) for name, rule in faults]


def _pointer(column: str) -> str:
    return f"/{column}" if column else ""


def _value(name: str, text: str, errors: list[FieldError]) -> object:
    kind = _KINDS[name]
    if name in _WORDS:
        known: Mapping[str, object] = _ANSWERS if name == "approved" else _SOURCES
        value = known.get(fold(text))
        if value is None:
            rule, message, fix = _WORDS[name]
            errors.append(FieldError(_pointer(name), rule, message, fix))
        return value
    match kind:
        case Kind.DAY:
            value = day_of(text)
        case Kind.WHOLE:
            value = whole_of(text)
        case Kind.ID:
            value = id_of(text)
        case Kind.TEXT:
            value = text
    if value is None:
        errors.append(cell_error(_pointer(name), _RULES[kind]))
    return value


def _body(step: Step, values: Mapping[str, object], errors: list[FieldError]) -> BaseModel | None:
    given: dict[str, Any] = {
        field: values[column] for field, column in _FIELDS[step].items() if column in values
    }
    if not given:
        return None
    try:
        return _BODIES[step].model_validate(given)
    except ValidationError as invalid:
        named = {error.pointer for error in errors}  # a cell that cannot be read is said once
        for found in invalid.errors(include_url=False, include_input=False):
            rule, pointer = str(found["type"]), _pointer(_FIELDS[step][str(found["loc"][0])])
            if pointer not in named:
                errors.append(FieldError(pointer, rule, *explain(rule, found.get("ctx") or {})))
    return None
