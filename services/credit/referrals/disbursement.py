"""What the bank paid out for a referral, and what must hold for it. Pure."""

from dataclasses import dataclass
from datetime import date

from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import CapitalSource, NeedStage, ReferralState
from services.credit.needs.domain import pay, payment_errors
from services.credit.referrals.domain import (
    Act,
    Change,
    OfferedTerms,
    Price,
    Referral,
    change_of,
    terms_as_of,
)


@dataclass(frozen=True, slots=True)
class Disbursement:
    """The bank paid out: amount in VND, the loan contract's number."""

    paid_on: date
    amount: int
    contract_number: str


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the bank states it.

    Attributes:
        months: the loan's term; None: as approved, without a need the longest of the programme.
        source: whose money; None: as applied for, without a need central.
    """

    paid: Disbursement
    months: int | None = None
    source: CapitalSource | None = None


def source_of(referral: Referral, payment: Payment) -> CapitalSource:
    """Whose money is lent. A need that the household withdrew counts as none."""
    need = referral.need
    if need is None or need.stage is NeedStage.WITHDRAWN:
        return payment.source or CapitalSource.CENTRAL
    return need.application.source


def term_of(referral: Referral, months: int | None) -> int:
    """The loan's term in months, of a referral as it stands after the payment.

    Raises:
        Problem: 422, longer than the programme's longest.
    """
    need, longest = referral.need, referral.terms.max_months
    if need is not None and need.stage is NeedStage.DISBURSED:
        months = months or need.months
    if months is None and longest is not None:
        return longest
    if months is not None and (longest is None or months <= longest):
        return months
    title = Text("Thời hạn vay không hợp lệ.", "The term of the loan is not valid.")
    fix = Text(
        f"Ghi thời hạn từ 1 đến {longest or 600} tháng.", f"Give 1 to {longest or 600} months."
    )
    rule = "disbursement.term"
    raise Problem(422, "disbursement.refused", title, [FieldError("/months", rule, title, fix)])


def disburse(
    referral: Referral,
    paid: Disbursement,
    today: date,
    price: Price,
    *,
    owed: int = 0,
    months: int | None = None,
    source: CapitalSource | None = None,
) -> Change:
    """Record that the bank paid out.

    The terms are those of the day of payment. A payment without a need stays possible.

    Args:
        referral: under which it was paid.
        paid: the payment.
        today: no payment lies after it.
        price: the terms of a programme on a day.
        owed: what the household still owes under the programme; it counts against the limit.
        months: the term that the bank names, if it does.
        source: whose money, if the bank says.

    Raises:
        Problem: wrong state, a need that the bank has not approved, a day before the referral
            opened or the need was approved or after today, more, longer or from another source than
            was approved, an amount over what may still be borrowed on that day.
    """
    if referral.state is not ReferralState.OPEN:
        raise _wrong_state(referral.state)
    terms = terms_as_of(referral.programme, referral.opened_on, paid.paid_on, price)
    errors = [
        *_day_errors(referral, paid.paid_on, today),
        *_amount_errors(paid.amount, terms, owed),
    ]
    # A need that the household withdrew counts as none: the bank may pay as it did without needs.
    need = referral.need
    if need is not None and need.stage is NeedStage.WITHDRAWN:
        need = None
    if need is not None:
        errors += payment_errors(need, paid.paid_on, paid.amount, months, source)
    if errors:
        raise Problem(
            422,
            "disbursement.refused",
            Text("Khoản giải ngân không hợp lệ.", "The disbursement is not valid."),
            errors,
        )
    if terms.is_like(referral.terms):
        terms = referral.terms
    return change_of(
        Act.DISBURSED,
        referral,
        state=ReferralState.DISBURSED,
        changed_on=paid.paid_on,
        terms=terms,
        need=referral.need if need is None else pay(need, paid.paid_on),
    )


def _wrong_state(state: ReferralState) -> Problem:
    return Problem(
        409,
        "referral.not_open",
        Text(
            "Giới thiệu vay vốn không còn ở trạng thái chờ giải ngân.",
            "The referral is not open any more.",
        ),
        [
            FieldError(
                "/state",
                f"referral.is_{state}",
                Text(
                    "Chỉ giải ngân được giới thiệu đang mở.", "Only an open referral can be paid."
                ),
                Text(
                    "Đọc lại giới thiệu và đối chiếu với danh sách mới nhất.",
                    "Read the referral again and compare it with the latest list.",
                ),
            )
        ],
    )


def _day_errors(referral: Referral, paid_on: date, today: date) -> list[FieldError]:
    if referral.opened_on <= paid_on <= today:
        return []
    return [
        FieldError(
            "/paid_on",
            "disbursement.paid_in_future" if paid_on > today else "disbursement.paid_too_early",
            Text(
                "Ngày giải ngân phải từ ngày mở giới thiệu đến hôm nay.",
                "The day of payment must lie between the referral's opening and today.",
            ),
            Text("Kiểm tra lại ngày giải ngân.", "Check the day of payment."),
        )
    ]


def _amount_errors(amount: int, terms: OfferedTerms, owed: int) -> list[FieldError]:
    if terms.max_amount is None:
        return []
    left = max(terms.max_amount - owed, 0)
    if amount <= left:
        return []
    return [
        FieldError(
            "/amount",
            "disbursement.over_limit",
            Text(
                f"Số tiền vượt mức còn được vay {left} đồng ({terms.document}).",
                f"The amount is over what may still be lent, {left} VND ({terms.document}).",
            ),
            Text(
                "Giải ngân không quá mức vay tối đa của chương trình, trừ dư nợ.",
                "Pay out no more than the programme's limit, less what is still owed.",
            ),
        )
    ]


def contract_used() -> Problem:
    """A loan contract is paid out once."""
    title = Text("Số hợp đồng đã được sử dụng.", "The contract number is already used.")
    return Problem(
        409,
        "disbursement.contract_used",
        title,
        [
            FieldError(
                "/contract_number",
                "disbursement.contract_used",
                title,
                Text("Kiểm tra lại số hợp đồng vay.", "Check the number of the loan contract."),
            )
        ],
    )
