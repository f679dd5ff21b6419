"""What credit holds of a person's households, section by section, as it is read by people."""

from libs.common.citizens.sections import (
    COMMUNE,
    DOCUMENT,
    FROM,
    HOUSEHOLD,
    RECORDED,
    RECORDED_BY,
    UNTIL,
    Column,
    Kind,
    Section,
    code,
)
from libs.common.problems import Text
from libs.common.programmes import LOANS
from libs.common.vocabulary import CapitalSource, LoanState, NeedStage, ReferralState
from libs.common.wording import WORDS
from services.credit.citizens import store

_PROGRAMME = code("programme", "Chương trình", "Programme", LOANS)
_SOURCE = code("source", "Nguồn vốn", "Capital", WORDS[CapitalSource])
_CHANGED = Column("changed_on", Text("Từ ngày", "Since"), Kind.DAY)
_PAID = Column("paid_on", Text("Giải ngân ngày", "Paid on"), Kind.DAY)
_CONTRACT = Column("contract_number", Text("Số hợp đồng", "Contract"))
_RATE = Column("yearly_rate", Text("Lãi suất năm (%)", "Yearly rate (%)"), Kind.NUMBER)
_IN_TERM = Column("balance_in_term", Text("Dư nợ trong hạn", "Owed in term"), Kind.MONEY)
_OVERDUE = Column("balance_overdue", Text("Dư nợ quá hạn", "Overdue"), Kind.MONEY)
_FROZEN = Column("balance_frozen", Text("Dư nợ khoanh", "Frozen"), Kind.MONEY)

SECTIONS = (
    Section(
        "groups",
        Text("Tổ tiết kiệm và vay vốn", "Savings-and-credit groups"),
        (
            HOUSEHOLD,
            COMMUNE,
            Column("group_id", Text("Tổ", "Group"), Kind.ID),
            Column("is_the_person", Text("Người này đại diện hộ", "Is the person"), Kind.FLAG),
            FROM,
            UNTIL,
            RECORDED_BY,
            RECORDED,
        ),
        store.GROUPS,
    ),
    Section(
        "referrals",
        Text("Giới thiệu vay vốn", "Referrals to the bank"),
        (
            HOUSEHOLD,
            COMMUNE,
            _PROGRAMME,
            code("state", "Tình trạng", "State", WORDS[ReferralState]),
            Column("is_flagged", Text("Cần xem lại", "To be looked at"), Kind.FLAG),
            _CHANGED,
            Column("max_amount", Text("Vay tối đa", "At most"), Kind.MONEY),
            Column("max_months", Text("Tối đa (tháng)", "Months at most"), Kind.NUMBER),
            _RATE,
            Column("terms_document", Text("Văn bản", "Document")),
            Column("terms_are_confirmed", Text("Căn cứ đã xác minh", "Confirmed"), Kind.FLAG),
            RECORDED,
        ),
        store.REFERRALS,
    ),
    Section(
        "payments",
        Text("Đã giải ngân", "Paid out"),
        (
            HOUSEHOLD,
            COMMUNE,
            _PAID,
            Column("amount", Text("Số tiền", "Amount"), Kind.MONEY),
            _CONTRACT,
            RECORDED_BY,
            RECORDED,
        ),
        store.PAYMENTS,
    ),
    Section(
        "needs",
        Text("Nhu cầu vay vốn", "Loan needs"),
        (
            HOUSEHOLD,
            COMMUNE,
            Column("purpose", Text("Mục đích vay", "Purpose")),
            Column("amount", Text("Đề nghị", "Asked for"), Kind.MONEY),
            Column("months", Text("Số tháng", "Months"), Kind.NUMBER),
            _SOURCE,
            code("stage", "Giai đoạn", "Stage", WORDS[NeedStage]),
            _CHANGED,
            Column("approved_amount", Text("Phê duyệt", "Approved"), Kind.MONEY),
            Column("approved_months", Text("Phê duyệt (tháng)", "Months approved"), Kind.NUMBER),
            Column("reason", Text("Lý do", "Reason")),
            RECORDED,
        ),
        store.NEEDS,
    ),
    Section(
        "votes",
        Text("Tổ bình xét", "How the group voted"),
        (
            HOUSEHOLD,
            COMMUNE,
            Column("voted_on", Text("Họp ngày", "Voted on"), Kind.DAY),
            Column("minutes_number", Text("Biên bản số", "Minutes")),
            Column("votes_for", Text("Tán thành", "For"), Kind.NUMBER),
            Column("votes_against", Text("Không tán thành", "Against"), Kind.NUMBER),
            RECORDED_BY,
            RECORDED,
        ),
        store.VOTES,
    ),
    Section(
        "loans",
        Text("Khoản vay", "Loans"),
        (
            HOUSEHOLD,
            COMMUNE,
            _CONTRACT,
            _PROGRAMME,
            _SOURCE,
            code("state", "Tình trạng", "State", WORDS[LoanState]),
            Column("principal", Text("Tiền vay", "Principal"), Kind.MONEY),
            _PAID,
            Column("due_on", Text("Hạn trả", "Due on"), Kind.DAY),
            _IN_TERM,
            _OVERDUE,
            _FROZEN,
            Column("interest", Text("Lãi phải trả", "Interest owed"), Kind.MONEY),
            _RATE,
            Column("is_used_as_agreed", Text("Dùng đúng mục đích", "Used as agreed"), Kind.FLAG),
            DOCUMENT,
            _CHANGED,
            RECORDED,
        ),
        store.LOANS,
    ),
    Section(
        "statements",
        Text("Sao kê hằng tháng", "Monthly statements"),
        (
            HOUSEHOLD,
            COMMUNE,
            Column("month_end", Text("Cuối tháng", "Month's end"), Kind.DAY),
            _IN_TERM,
            _OVERDUE,
            _FROZEN,
            RECORDED_BY,
            RECORDED,
        ),
        store.STATEMENTS,
        dated_by="",  # it follows the loan
    ),
)
