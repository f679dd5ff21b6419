"""The life of a referral: which ones a household should have, and what may happen to each.

Pure: days, ids and loan terms are arguments. The promise kept here: a household has at most one
open referral; one that the bank has paid out is never withdrawn or moved, only flagged; and a
household is not referred again for a programme that the bank has already paid out to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import ReferralState

# The bank's codes for poor, near-poor and newly escaped, in the order in which the law prefers
# them where a household is entitled to several on one day: the lower rate first.
PROGRAMMES = ("01", "19", "09")


class Act(StrEnum):
    """What happened to a referral in one version."""

    OPENED = "opened"
    MOVED = "moved"  # to another programme, or to the entitlement's corrected day
    RELOCATED = "relocated"  # the household lives in another commune
    REPRICED = "repriced"  # a new rate or limit started
    WITHDRAWN = "withdrawn"
    FLAGGED = "flagged"  # paid out, but the household's class is another one now
    UNFLAGGED = "unflagged"  # paid out, and the class is again the one it was paid under
    DISBURSED = "disbursed"


@dataclass(frozen=True, slots=True)
class OfferedTerms:
    """How much, how long and at what rate, from the day `on`.

    Amounts in VND, rates in percent a year; None where the law sets no limit.
    """

    on: date
    max_amount: int | None
    max_months: int | None
    yearly_rate: Decimal
    overdue_rate: Decimal
    document: str
    is_confirmed: bool

    def is_like(self, other: "OfferedTerms") -> bool:
        """Whether both say the same, whatever the day they are of."""
        return replace(self, on=other.on) == other


# The terms of a programme in force on a day; their `on` is the first day on which they were.
Price = Callable[[str, date], OfferedTerms]


@dataclass(frozen=True, slots=True)
class CreditPeriod:
    """A household may borrow under `programme` over `[from_day, until)`."""

    programme: str
    from_day: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a household's latest entitlements ask for.

    `programme` is None where nothing is left; `since` is then the day from which nothing is.
    """

    household_id: UUID
    entitlement_version: int
    commune: str
    programme: str | None
    since: date


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral as it stands after `version`.

    `entitled_from` is the first day of the entitlement it stands on; `changed_on` the day on which
    its last version became true; `until` the first day on which it no longer stood.
    """

    referral_id: UUID
    household_id: UUID
    version: int
    commune: str
    programme: str
    state: ReferralState
    is_flagged: bool
    opened_on: date
    entitled_from: date
    changed_on: date
    until: date | None
    terms: OfferedTerms


@dataclass(frozen=True, slots=True)
class Change:
    """One act and the referral after it."""

    act: Act
    referral: Referral


@dataclass(frozen=True, slots=True)
class Disbursement:
    """The bank paid out: amount in VND, the loan contract's number."""

    paid_on: date
    amount: int
    contract_number: str


def wanted_programme(periods: Sequence[CreditPeriod], as_of: date) -> tuple[str | None, date]:
    """Which programme a household should be referred for on `as_of`, and since when.

    Periods of one programme that follow each other without a gap count as one: a new version of the
    rule that gives the entitlement is no new entitlement.
    """
    ended = date.min
    best: CreditPeriod | None = None
    for period in periods:
        if period.until is not None and period.until <= as_of:
            ended = max(ended, period.until)
        elif period.from_day <= as_of and (best is None or _rank(period) < _rank(best)):
            best = period
    if best is None:
        return None, as_of if ended == date.min else ended
    return best.programme, _since(best, periods)


def _since(period: CreditPeriod, periods: Sequence[CreditPeriod]) -> date:
    before = {p.until: p.from_day for p in periods if p.programme == period.programme}
    since = period.from_day
    while since in before:
        since = before.pop(since)
    return since


def _rank(period: CreditPeriod) -> tuple[int, date]:
    return PROGRAMMES.index(period.programme), period.from_day


def decide_referrals(
    current: Sequence[Referral],
    wanted: Wanted,
    law_day: date,
    price: Price,
    new_id: Callable[[], UUID],
) -> list[Change]:
    """The changes that bring a household's referrals to what is wanted; none where they are.

    Args:
        current: all referrals of the household that are not withdrawn.
        wanted: what the latest entitlements ask for.
        law_day: up to which day rate changes have been applied.
        price: the terms of a programme on a day.
        new_id: gives the id of a referral to open.
    """
    changes = []
    is_covered = False
    opened: Referral | None = None
    for referral in current:
        if referral.state is ReferralState.OPEN:
            opened = referral
            continue
        is_covered = is_covered or referral.programme == wanted.programme
        changed = _decide_disbursed(referral, wanted)
        if changed is not None:
            changes.append(changed)
    programme = None if is_covered else wanted.programme
    if opened is not None:
        changed = _decide_open(opened, wanted, programme, law_day, price)
        if changed is not None:
            changes.append(changed)
    elif programme is not None:
        changes.append(_open(wanted, programme, law_day, price, new_id()))
    return changes


def _open(wanted: Wanted, programme: str, law_day: date, price: Price, new_id: UUID) -> Change:
    referral = Referral(
        referral_id=new_id,
        household_id=wanted.household_id,
        version=1,
        commune=wanted.commune,
        programme=programme,
        state=ReferralState.OPEN,
        is_flagged=False,
        opened_on=wanted.since,
        entitled_from=wanted.since,
        changed_on=wanted.since,
        until=None,
        terms=terms_as_of(programme, wanted.since, law_day, price),
    )
    return Change(Act.OPENED, referral)


def _decide_open(
    referral: Referral, wanted: Wanted, programme: str | None, law_day: date, price: Price
) -> Change | None:
    if programme is None:
        return _change(
            Act.WITHDRAWN,
            referral,
            state=ReferralState.WITHDRAWN,
            commune=wanted.commune,
            changed_on=wanted.since,
            until=wanted.since,
        )
    if programme != referral.programme or wanted.since != referral.entitled_from:
        stays = programme != referral.programme and referral.opened_on <= wanted.since
        return _change(
            Act.MOVED,
            referral,
            programme=programme,
            commune=wanted.commune,
            # A corrected day of the same entitlement is the day on which it should have opened.
            opened_on=referral.opened_on if stays else wanted.since,
            entitled_from=wanted.since,
            changed_on=wanted.since,
            terms=terms_as_of(programme, wanted.since, law_day, price),
        )
    return _relocate(referral, wanted)


def _decide_disbursed(referral: Referral, wanted: Wanted) -> Change | None:
    is_flagged = referral.programme != wanted.programme
    if is_flagged == referral.is_flagged:
        return _relocate(referral, wanted)
    return _change(
        Act.FLAGGED if is_flagged else Act.UNFLAGGED,
        referral,
        is_flagged=is_flagged,
        commune=wanted.commune,
        changed_on=wanted.since,
    )


def _relocate(referral: Referral, wanted: Wanted) -> Change | None:
    if referral.commune == wanted.commune:
        return None
    return _change(Act.RELOCATED, referral, commune=wanted.commune)


def _change(act: Act, referral: Referral, **values: object) -> Change:
    version = referral.version + 1
    return Change(act, replace(referral, version=version, **values))  # type: ignore[arg-type]


def terms_as_of(programme: str, since: date, day: date, price: Price) -> OfferedTerms:
    """The terms of a referral that stands since `since`, with the changes up to `day`."""
    terms = price(programme, max(since, day))
    return replace(terms, on=max(terms.on, since))


def reprice(referral: Referral, day: date, price: Price) -> Change | None:
    """What a new rate or limit, in force on `day`, does to an open referral."""
    if referral.state is not ReferralState.OPEN or referral.entitled_from > day:
        return None
    terms = terms_as_of(referral.programme, referral.entitled_from, day, price)
    if terms.is_like(referral.terms):
        return None
    return _change(Act.REPRICED, referral, terms=terms, changed_on=terms.on)


def disburse(referral: Referral, paid: Disbursement, today: date, price: Price) -> Change:
    """Record that the bank paid out.

    The terms are those of the day of payment.

    Raises:
        Problem: wrong state, a day before the referral opened or after today, an amount over the
            programme's limit on that day.
    """
    if referral.state is not ReferralState.OPEN:
        raise _wrong_state(referral.state)
    terms = terms_as_of(referral.programme, referral.opened_on, paid.paid_on, price)
    errors = [*_day_errors(referral, paid.paid_on, today), *_amount_errors(paid.amount, terms)]
    if errors:
        raise Problem(
            422,
            "disbursement.refused",
            Text("Khoản giải ngân không hợp lệ.", "The disbursement is not valid."),
            errors,
        )
    if terms.is_like(referral.terms):
        terms = referral.terms
    return _change(
        Act.DISBURSED,
        referral,
        state=ReferralState.DISBURSED,
        changed_on=paid.paid_on,
        terms=terms,
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


def _amount_errors(amount: int, terms: OfferedTerms) -> list[FieldError]:
    if terms.max_amount is None or amount <= terms.max_amount:
        return []
    return [
        FieldError(
            "/amount",
            "disbursement.over_limit",
            Text(
                f"Số tiền vượt mức vay tối đa {terms.max_amount} đồng ({terms.document}).",
                f"The amount is over the limit of {terms.max_amount} VND ({terms.document}).",
            ),
            Text(
                "Giải ngân không quá mức vay tối đa của chương trình.",
                "Pay out no more than the programme's limit.",
            ),
        )
    ]
