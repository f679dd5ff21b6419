"""What the register holds of a person, section by section, as it is read by people."""

from collections.abc import Mapping
from typing import Any

from libs.common.citizens.sections import (
    COMMUNE,
    FROM,
    HOUSEHOLD,
    MEMBER_FACTS,
    RECORDED,
    UNTIL,
    Column,
    Kind,
    Section,
    code,
)
from libs.common.problems import Text
from libs.common.vocabulary import (
    DecisionKind,
    LeftReason,
    StatusClass,
)
from libs.common.wording import WORDS as COMMON
from services.registry.changes.domain import Kind as ChangeKind
from services.registry.changes.domain import State
from services.registry.changes.facts import Fact
from services.registry.changes.naming import NAMES
from services.registry.citizens import store
from services.registry.duplicates.domain import CLUES, PairState
from services.registry.purposes.domain import purposes
from services.registry.rights.domain import AskedBy, RequestKind, RequestState
from services.registry.screens.words import WORDS, said_of
from services.registry.standards.domain import standards
from services.registry.vault.domain import IdentifierType

_HELD_FROM = Column("recorded_from", Text("Ghi nhận lúc", "Recorded at"), Kind.INSTANT)
_HELD_UNTIL = Column("recorded_until", Text("Được thay lúc", "Replaced at"), Kind.INSTANT)

_STANDARDS = {one.code: one.title for one in standards().values()}
_PURPOSES = {one.code: one.title for one in purposes()}

IDENTITY = Section(
    "identity",
    Text("Họ tên, giấy tờ, địa chỉ", "Names, numbers, addresses"),
    (
        code(
            "kind",
            "Loại",
            "Kind",
            {
                **WORDS[IdentifierType],
                "name": Text("Họ tên", "Name"),
                "address": Text("Địa chỉ", "Address"),
            },
        ),
        Column("value", Text("Nội dung", "Value")),
        FROM,
        UNTIL,
        _HELD_FROM,
        _HELD_UNTIL,
    ),
)
MEMBERSHIPS = Section(
    "memberships",
    Text("Thành viên của hộ nào, thông tin của người này", "Memberships, and the person's facts"),
    (
        HOUSEHOLD,
        COMMUNE,
        Column("joined_on", Text("Vào hộ", "Joined"), Kind.DAY),
        Column("left_on", Text("Rời hộ", "Left"), Kind.DAY),
        code("left_reason", "Lý do rời", "Reason", WORDS[LeftReason]),
        *MEMBER_FACTS,
        _HELD_FROM,
        _HELD_UNTIL,
    ),
)
RECORDS = Section(
    "records",
    Text(
        "Bản ghi khác, đã xác định là của cùng người này",
        "Other records, settled to be this person's",
    ),
    (Column("person_id", Text("Bản ghi", "Record"), Kind.ID),),
)
REQUESTS = Section(
    "requests",
    Text("Yêu cầu về dữ liệu cá nhân", "Requests about personal data"),
    (
        code("kind", "Yêu cầu", "Asked for", WORDS[RequestKind]),
        code("asked_by", "Người yêu cầu", "Asked by", WORDS[AskedBy]),
        Column("received_on", Text("Nhận ngày", "Received on"), Kind.DAY),
        code("purpose", "Mục đích", "Purpose", _PURPOSES),
        Column("evidence", Text("Văn bản", "Document")),
        code("state", "Tình trạng", "State", WORDS[RequestState]),
        Column("acknowledge_by", Text("Hạn phản hồi", "Acknowledge by"), Kind.DAY),
        Column("answer_by", Text("Hạn giải quyết", "Answer by"), Kind.DAY),
        RECORDED,
    ),
)


def _in_words(row: Mapping[str, Any]) -> dict[str, object]:
    """A change as the request's screen says it; what a name or number was stands in the vault."""
    is_kept = row["fact"] not in NAMES
    return {**row, **{name: _said(row[name]) if is_kept else None for name in ("before", "after")}}


def _said(values: Mapping[str, Any] | None) -> dict[str, str]:
    said = said_of(values)
    return {"vi": said.vi, "en": said.en}


def sections() -> tuple[Section, ...]:
    """Those that are read by a statement, in the order of the file."""
    return (
        Section(
            "residences",
            Text("Nơi ở", "Residences"),
            (
                HOUSEHOLD,
                COMMUNE,
                Column("village", Text("Thôn, bản", "Village")),
                Column("is_farm_household", Text("Hộ làm nông", "Off the land"), Kind.FLAG),
                FROM,
                UNTIL,
                _HELD_FROM,
                _HELD_UNTIL,
            ),
            store.RESIDENCES,
            dated_by="from_day",
        ),
        Section(
            "codes",
            Text("Mã hộ của địa phương", "The province's codes"),
            (HOUSEHOLD, COMMUNE, Column("code", Text("Mã", "Code")), RECORDED),
            store.CODES,
        ),
        Section(
            "decisions",
            Text("Quyết định về hộ", "Decisions"),
            (
                HOUSEHOLD,
                Column("number", Text("Số", "Number")),
                code("kind", "Loại", "Kind", COMMON[DecisionKind]),
                Column("authority", Text("Nơi ban hành", "Authority")),
                code("standard", "Chuẩn", "Standard", _STANDARDS),
                code("status", "Phân loại", "Class", COMMON[StatusClass]),
                Column("signed_on", Text("Ngày ký", "Signed on"), Kind.DAY),
                Column("effective_on", Text("Hiệu lực", "Effective"), Kind.DAY),
                RECORDED,
            ),
            store.DECISIONS,
        ),
        Section(
            "limits",
            Text("Hạn chế xử lý dữ liệu", "Limits of processing"),
            (
                code(
                    "purpose",
                    "Mục đích (trống: mọi mục đích không phải nhiệm vụ nhà nước)",
                    "Purpose (empty: whatever is no duty of the state)",
                    _PURPOSES,
                ),
                FROM,
                UNTIL,
                Column("request_id", Text("Yêu cầu", "Request"), Kind.ID),
            ),
            store.LIMITS,
        ),
        Section(
            "changes",
            Text("Đề nghị thay đổi về người này", "Change requests about the person"),
            (
                Column("number", Text("Số", "Number")),
                code("kind", "Loại", "Kind", WORDS[ChangeKind]),
                code("state", "Tình trạng", "State", WORDS[State]),
                Column("effective_on", Text("Hiệu lực", "Effective"), Kind.DAY),
                code("fact", "Thông tin", "Fact", WORDS[Fact]),
                Column("before", Text("Trước", "Before"), Kind.SAID),
                Column("after", Text("Sau", "After"), Kind.SAID),
            ),
            store.CHANGES,
            _in_words,
        ),
        Section(
            "duplicates",
            Text("Nghi ghi trùng", "Suspected duplicates"),
            (
                Column("score", Text("Điểm giống", "Score"), Kind.NUMBER),
                code("clues", "Dấu hiệu", "Clues", {str(key): text for key, text in CLUES.items()}),
                code("state", "Tình trạng", "State", WORDS[PairState]),
                Column("found_at", Text("Tìm thấy lúc", "Found at"), Kind.INSTANT),
                Column("compared_at", Text("So lúc", "Compared at"), Kind.INSTANT),
            ),
            store.PAIRS,
        ),
    )
