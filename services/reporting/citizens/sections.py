"""What reporting holds of a person's households, section by section, as it is read by people."""

import json
from collections.abc import Mapping
from typing import Any

from libs.common.citizens.sections import (
    COMMUNE,
    FROM,
    HOUSEHOLD,
    RECORDED,
    UNTIL,
    Column,
    Kind,
    Section,
    code,
)
from libs.common.problems import Text
from libs.common.programmes import INSURANCE, LOANS, PROGRAMMES, TRAINING
from libs.common.vocabulary import ReferralState, StatusClass
from libs.common.wording import WORDS
from services.reporting.citizens import store
from services.reporting.timeline.domain import summarise

_KNOWN_UNTIL = Column("known_until", Text("Được thay lúc", "Replaced at"), Kind.INSTANT)
# Of entitlements it is the programme, of the roll and of offers the group within it.
_CODES = {**PROGRAMMES, **INSURANCE, **TRAINING}
_STREAM = code(
    "stream",
    "Về việc",
    "About",
    {
        "household": Text("Hộ", "Household"),
        "entitlement": Text("Quyền thụ hưởng", "Entitlements"),
        "insurance": Text("Bảo hiểm y tế", "Health insurance"),
        "card": Text("Thẻ bảo hiểm y tế", "Health-insurance cards"),
        "training": Text("Đào tạo nghề", "Training"),
        "referral": Text("Giới thiệu vay vốn", "Referral"),
        "loan": Text("Khoản vay", "Loan"),
    },
)


def _told(row: Mapping[str, Any]) -> dict[str, object]:
    """An event as a sentence, of the facts that are kept with it."""
    facts = json.loads(row["facts"]) if isinstance(row["facts"], str) else row["facts"]
    said = summarise(row["stream"], row["type"], row["act"], facts)
    return {**row, "said": {"vi": said.vi, "en": said.en}}


SECTIONS = (
    Section(
        "facts",
        Text("Số liệu về hộ", "Facts of the household"),
        (
            HOUSEHOLD,
            COMMUNE,
            Column("version", Text("Lần", "Version"), Kind.NUMBER),
            code("standard", "Chuẩn", "Standard"),
            code("classes", "Phân loại lần lượt", "Classes in turn", WORDS[StatusClass]),
            Column("class_days", Text("Từ các ngày", "From the days"), Kind.DAY),
            Column("members", Text("Số lượt thành viên", "Memberships"), Kind.NUMBER),
            FROM,
            UNTIL,
            RECORDED,
            _KNOWN_UNTIL,
        ),
        store.FACTS,
        dated_by="from_day",
    ),
    Section(
        "effects",
        Text("Số liệu về quyền lợi của hộ", "Rights of the household"),
        (
            HOUSEHOLD,
            COMMUNE,
            _STREAM,
            code("codes", "Chương trình, nhóm", "Programmes, groups", _CODES),
            Column("from_days", Text("Từ các ngày", "From the days"), Kind.DAY),
            RECORDED,
            _KNOWN_UNTIL,
        ),
        store.EFFECTS,
    ),
    Section(
        "referrals",
        Text("Số liệu về giới thiệu vay vốn", "Referrals"),
        (
            HOUSEHOLD,
            COMMUNE,
            code("programme", "Chương trình", "Programme", LOANS),
            code("state", "Tình trạng", "State", WORDS[ReferralState]),
            Column("is_flagged", Text("Cần xem lại", "To be looked at"), Kind.FLAG),
            Column("changed_on", Text("Từ ngày", "Since"), Kind.DAY),
            RECORDED,
        ),
        store.REFERRALS,
    ),
    Section(
        "timeline",
        Text("Diễn biến đã báo", "What was told"),
        (
            HOUSEHOLD,
            COMMUNE,
            _STREAM,
            Column("said", Text("Nội dung", "What"), Kind.SAID),
            Column("occurred_at", Text("Xảy ra lúc", "Occurred at"), Kind.INSTANT),
            RECORDED,
        ),
        store.TIMELINE,
        _told,
    ),
)
