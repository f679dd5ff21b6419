"""What eligibility holds of a person, section by section, as it is read by people."""

import json
from collections.abc import Mapping
from typing import Any

from libs.common.citizens.sections import (
    COMMUNE,
    FROM,
    GROUNDED,
    HOUSEHOLD,
    MEMBER_FACTS,
    RECORDED,
    RECORDED_BY,
    SUPERSEDED,
    UNTIL,
    Column,
    Kind,
    Section,
    code,
)
from libs.common.problems import Text
from libs.common.programmes import INSURANCE, PROGRAMMES, TRAINING
from libs.common.vocabulary import (
    CardReason,
    CardState,
)
from libs.common.wording import WORDS
from services.eligibility.catalogue.domain import catalogue
from services.eligibility.citizens import store

_PARAMETERS = {
    name: parameter.title for name, parameter in catalogue().book.vocabulary.parameters.items()
}
_GROUP = code("group_code", "Nhóm", "Group", {**INSURANCE, **TRAINING})


def _with_benefit(row: Mapping[str, Any]) -> dict[str, object]:
    """The benefit's parameters, which are kept as text."""
    kept = row["benefit"]
    return {**row, "benefit": json.loads(kept) if isinstance(kept, str) else kept}


SECTIONS = (
    Section(
        "facts",
        Text("Thông tin đã nhận từ sổ hộ", "Facts as the registry told them"),
        (
            HOUSEHOLD,
            COMMUNE,
            Column("joined_on", Text("Vào hộ", "Joined"), Kind.DAY),
            Column("left_on", Text("Rời hộ", "Left"), Kind.DAY),
            *MEMBER_FACTS,
            Column("determined_to", Text("Đã xét đến ngày", "Determined up to"), Kind.DAY),
        ),
        store.FACTS,
    ),
    Section(
        "entitlements",
        Text("Quyền thụ hưởng", "Entitlements"),
        (
            HOUSEHOLD,
            COMMUNE,
            code(
                "subject_kind",
                "Của",
                "Of",
                {
                    "household": Text("Hộ", "The household"),
                    "person": Text("Người này", "The person"),
                },
            ),
            code("programme", "Chương trình", "Programme", PROGRAMMES),
            code("benefit", "Mức", "Benefit", _PARAMETERS),
            *GROUNDED,
        ),
        store.ENTITLEMENTS,
        _with_benefit,
    ),
    Section(
        "insurance_roll",
        Text("Danh sách tham gia bảo hiểm y tế", "Health-insurance roll"),
        (
            HOUSEHOLD,
            COMMUNE,
            _GROUP,
            Column("support_percent", Text("Mức hỗ trợ (%)", "Support (%)"), Kind.NUMBER),
            Column("benefit_percent", Text("Mức hưởng (%)", "Benefit (%)"), Kind.NUMBER),
            *GROUNDED,
        ),
        store.ROLL,
    ),
    Section(
        "insurance_cards",
        Text("Cơ quan bảo hiểm trả lời về thẻ", "The insurer's answers on the card"),
        (
            HOUSEHOLD,
            COMMUNE,
            _GROUP,
            FROM,
            UNTIL,
            code("state", "Kết quả", "Result", WORDS[CardState]),
            code("reason", "Lý do", "Reason", WORDS[CardReason]),
            Column("reference", Text("Mã tham chiếu thẻ", "Reference"), Kind.ID),
            Column("benefit_level", Text("Mức hưởng", "Benefit level"), Kind.NUMBER),
            Column("valid_from", Text("Thẻ có giá trị từ", "Valid from"), Kind.DAY),
            Column("valid_until", Text("Thẻ có giá trị đến", "Valid until"), Kind.DAY),
            Column("answered_on", Text("Trả lời ngày", "Answered on"), Kind.DAY),
            RECORDED_BY,
            RECORDED,
            SUPERSEDED,
        ),
        store.CARDS,
        dated_by="",  # it follows the household
    ),
    Section(
        "training_offers",
        Text("Hỗ trợ đào tạo nghề", "Training offers"),
        (
            HOUSEHOLD,
            COMMUNE,
            _GROUP,
            code("benefit", "Mức", "Benefit", _PARAMETERS),
            *GROUNDED,
        ),
        store.OFFERS,
        _with_benefit,
    ),
)
