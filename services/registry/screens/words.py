"""How people read the registry's own word lists."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from libs.common.problems import Text
from libs.common.service import Words
from libs.common.vocabulary import (
    CloseReason,
    Disability,
    Employment,
    LeftReason,
    Relation,
    Schooling,
    Sex,
)
from libs.common.wording import WORDS as COMMON
from libs.common.wording import ethnicity_word
from services.registry.changes.domain import Kind, State
from services.registry.changes.facts import Fact
from services.registry.changes.schemas import DecisionAct, DocumentKind
from services.registry.duplicates.domain import PairState, Step
from services.registry.imports.domain import ImportState
from services.registry.reorganisations.answering import AnswerAct
from services.registry.reorganisations.schemas import ReorganisationAct
from services.registry.rights.domain import AskedBy, RequestKind, RequestState
from services.registry.timeline.domain import Kind as EntryKind
from services.registry.vault.domain import IdentifierType

WORDS: Words = {
    IdentifierType: {
        "UIN": Text("Định danh", "Personal no."),
        "NIN": Text("CMND", "Old identity card"),
        "INSURANCE_NUMBER": Text("BHXH", "Insurance no."),
        "BRN": Text("Khai sinh", "Birth certificate"),
        "MRN": Text("Kết hôn", "Marriage certificate"),
        "DRN": Text("Chứng tử", "Death certificate"),
    },
    Step: {
        "propose_same": Text("Đề xuất: là một người", "Proposed: one person"),
        "propose_different": Text("Đề xuất: là hai người", "Proposed: two persons"),
        "propose_undo": Text("Đề xuất hủy quyết định", "Proposed: undo"),
        "same": Text("Xác nhận: là một người", "Confirmed: one person"),
        "different": Text("Xác nhận: là hai người", "Confirmed: two persons"),
        "undo": Text("Xác nhận hủy quyết định", "Confirmed: undone"),
        "withdraw": Text("Rút đề xuất", "Withdrawn"),
    },
    PairState: {
        "open": Text("Chờ quyết định", "Waits"),
        "same": Text("Là một người", "One person"),
        "different": Text("Là hai người", "Two persons"),
        "void": Text("Không còn giống", "No longer alike"),
    },
    Kind: {
        "birth": Text("Khai sinh", "Birth"),
        "death": Text("Khai tử", "Death"),
        "marriage": Text("Kết hôn, về hộ khác", "Marriage into another household"),
        "transfer": Text("Thành viên sang hộ khác", "Members to another household"),
        "moving_in": Text("Người từ nơi khác đến", "People moving in"),
        "moving_out": Text("Người đi nơi khác", "People moving out"),
        "arrival": Text("Hộ từ nơi khác chuyển đến", "A household moves in"),
        "rehousing": Text("Chuyển chỗ ở trong xã", "Move within the commune"),
        "move": Text("Cả hộ chuyển sang xã khác", "Household to another commune"),
        "split": Text("Tách hộ", "Split"),
        "merge": Text("Nhập hộ", "Merge"),
        "closing": Text("Kết thúc theo dõi hộ", "Close the household"),
        "reopening": Text("Theo dõi lại hộ", "Reopen the household"),
        "change_of_head": Text("Đổi chủ hộ", "Change of head"),
        "correction": Text("Cải chính thông tin", "Correction of facts"),
        "identity": Text("Cải chính nhân thân", "Correction of identity"),
        "reversal": Text("Hủy kết quả", "Reversal"),
    },
    RequestKind: {
        "access": Text("Xem dữ liệu", "To see the data"),
        "correction": Text("Đính chính", "Correction"),
        "restriction": Text("Hạn chế xử lý", "Restriction"),
        "objection": Text("Phản đối xử lý", "Objection"),
    },
    AskedBy: {
        "self": Text("Chính người này", "The person"),
        "representative": Text("Người đại diện", "A representative"),
    },
    RequestState: {
        "received": Text("Đã nhận", "Received"),
        "acknowledged": Text("Đã phản hồi", "Acknowledged"),
        "granted": Text("Chấp thuận", "Granted"),
        "refused": Text("Từ chối", "Refused"),
        "withdrawn": Text("Đã rút", "Withdrawn"),
        "lifted": Text("Đã chấm dứt hạn chế", "Limit lifted"),
    },
    State: {
        "asked": Text("Chờ quyết định", "Waits"),
        "endorsed": Text("Chờ người thứ hai", "Waits for the second"),
        "applied": Text("Đã thực hiện", "Carried out"),
        "refused": Text("Đã từ chối", "Refused"),
        "withdrawn": Text("Đã rút", "Withdrawn"),
    },
    DecisionAct: {
        "endorse": Text("Đồng ý, chuyển người thứ hai", "Endorse"),
        "approve": Text("Phê duyệt và thực hiện", "Approve and carry out"),
        "refuse": Text("Từ chối", "Refuse"),
        "withdraw": Text("Rút đề nghị", "Withdraw"),
    },
    DocumentKind: {
        "birth_certificate": Text("Giấy khai sinh", "Birth certificate"),
        "death_extract": Text("Trích lục khai tử", "Death extract"),
        "marriage_certificate": Text("Giấy chứng nhận kết hôn", "Marriage certificate"),
        "residence_confirmation": Text("Xác nhận cư trú", "Confirmation of residence"),
        "identity_document": Text("Căn cước, giấy tờ tùy thân", "Identity document"),
        "disability_certificate": Text("Giấy xác nhận khuyết tật", "Disability certificate"),
        "judgment": Text("Bản án, quyết định của Tòa án", "Judgment"),
        "decision": Text("Quyết định hành chính", "Decision"),
        "minutes": Text("Biên bản", "Minutes"),
        "application": Text("Đơn đề nghị", "Application"),
        "other": Text("Giấy tờ khác", "Other"),
    },
    ImportState: {
        "sending": Text("Đang gửi", "Being sent"),
        "reading": Text("Đang đọc", "Being read"),
        "checking": Text("Đang kiểm tra", "Being checked"),
        "checked": Text("Chờ xác nhận", "Waits for the yes"),
        "taking": Text("Đang ghi", "Being taken"),
        "done": Text("Đã xong", "Done"),
        "refused": Text("Bị từ chối", "Refused"),
        "cancelled": Text("Đã hủy", "Cancelled"),
    },
    ReorganisationAct: {
        "preview": Text("Xem trước sẽ làm gì", "Count what it will do"),
        "approve": Text("Duyệt (người thứ hai)", "Approve, as a second"),
        "cancel": Text("Hủy", "Cancel"),
        "repeat": Text("Rà lại hộ ghi muộn", "Look for late records"),
    },
    AnswerAct: {
        "confirm": Text("Xác nhận", "Confirm"),
        "refuse": Text("Không đồng ý", "Refuse"),
        "undo": Text("Đề nghị hủy", "Ask to undo"),
    },
    EntryKind: {
        "residence": Text("Nơi ở", "Residence"),
        "member": Text("Thành viên", "Member"),
        "decision": Text("Quyết định", "Decision"),
        "request": Text("Đề nghị", "Request"),
        "act": Text("Biến động hộ", "Act"),
        "identity": Text("Danh tính", "Identity"),
        "event": Text("Sự kiện", "Event"),
        "read": Text("Lượt xem", "Read"),
        "write": Text("Lượt ghi", "Write"),
    },
    CloseReason: {
        "died": Text("Thành viên cuối cùng đã mất", "The last member died"),
        "moved_away": Text("Chuyển khỏi tỉnh hoặc ra nước ngoài", "Moved away"),
        "registered_twice": Text("Đã ghi ở một hộ khác", "Registered twice"),
        "other": Text("Lý do khác", "Another reason"),
    },
    LeftReason: {
        "died": Text("Chết", "Died"),
        "moved": Text("Chuyển đi", "Moved"),
        "split": Text("Tách hộ", "Split"),
        "merged": Text("Nhập hộ", "Merged"),
        "married": Text("Kết hôn", "Married"),
        "other": Text("Khác", "Other"),
    },
    Fact: {
        "existence": Text("Hộ", "Household"),
        "residence": Text("Nơi ở", "Residence"),
        "village": Text("Thôn, bản, tổ dân phố", "Village"),
        "farm": Text("Hộ làm nông nghiệp", "Lives off the land"),
        "membership": Text("Thành viên", "Membership"),
        "relation": Text("Quan hệ với chủ hộ", "Relation"),
        "birth": Text("Ngày sinh", "Birth"),
        "sex": Text("Giới", "Sex"),
        "ethnicity": Text("Dân tộc", "Ethnicity"),
        "disability": Text("Khuyết tật", "Disability"),
        "schooling": Text("Đi học", "Schooling"),
        "employment": Text("Việc làm", "Work"),
        "pension": Text("Hưởng lương hưu", "Pension"),
        "low_income_worker": Text("Lao động thu nhập thấp", "Low-income worker"),
        "name": Text("Họ tên", "Name"),
        "number": Text("Số giấy tờ", "Number"),
        "address": Text("Địa chỉ", "Address"),
    },
}
_LISTS: dict[str, type[StrEnum]] = {
    "relation": Relation,
    "sex": Sex,
    "disability": Disability,
    "schooling": Schooling,
    "employment": Employment,
    "left_reason": LeftReason,
}
# Of facts that are made of several values each says which; of the others the fact's name does.
_LABELS = {
    "joined_on": Text("vào hộ", "joined"),
    "left_on": Text("rời hộ", "left"),
    "left_reason": Text("lý do", "reason"),
    "birth_year": Text("năm", "year"),
    "lives_there_from": Text("ở từ", "since"),
    "closed_on": Text("kết thúc từ", "closed from"),
    "commune": Text("xã", "commune"),
}
_YES_NO = {True: Text("có", "yes"), False: Text("không", "no")}
_NOTHING = Text("chưa có", "none")
_OPEN_HOUSEHOLD = Text("đang theo dõi", "followed")


def lower_first(name: str) -> str:
    """A unit's name within a sentence: `xã An Thắng`."""
    return name[:1].lower() + name[1:]


def said_of(values: Mapping[str, Any] | None, communes: Mapping[str, str] | None = None) -> Text:
    """The values of a fact, before or after a change, as people read them.

    Args:
        communes: what communes are called, by code; of others the code is said.
    """
    if values == {"closed_on": None}:
        return _OPEN_HOUSEHOLD
    called = communes or {}
    known = [
        _called(called[value])
        if name == "commune" and value in called
        else (_LABELS.get(name, Text("", "")), _value(name, value))
        for name, value in (values or {}).items()
        if value is not None and not (name == "birth_year" and values and values.get("birth_date"))
    ]
    if not known:
        return _NOTHING
    return Text(
        ", ".join(f"{label.vi} {value.vi}".strip() for label, value in known),
        ", ".join(f"{label.en} {value.en}".strip() for label, value in known),
    )


def _called(commune: str) -> tuple[Text, Text]:
    """Without a label: the name says that it is a commune."""
    return Text("", ""), Text(lower_first(commune), commune)


def _value(name: str, value: Any) -> Text:
    if isinstance(value, bool):
        return _YES_NO[value]
    if name in _LISTS:
        words = WORDS.get(_LISTS[name]) or COMMON[_LISTS[name]]
        return words[str(value)]
    if name == "ethnicity":
        return Text(ethnicity_word(str(value)), ethnicity_word(str(value)))
    text = str(value)
    if name.endswith(("_on", "_date", "_from")):
        text = f"{date.fromisoformat(text):%d/%m/%Y}"
    return Text(text, text)
