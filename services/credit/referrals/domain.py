"""The life of a referral: which ones a household should have, and what may happen to each.

Pure: days, ids and loan terms are arguments. The promise kept here: a household has at most one
open referral; one that the bank has paid out is never withdrawn or moved, only flagged; and a
household is not referred again for a programme that the bank has already paid out to it. So nothing
is owed under an open referral's programme, and its loan need is measured by the terms alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from libs.common.vocabulary import NeedStage, ReferralState
from services.credit.needs.domain import (
    Due,
    Need,
    follow_class,
    follow_household,
    lose_class,
)

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
    NEED_APPLIED = "need_applied"  # the household asks for an amount (form 01/TD)
    NEED_LISTED = "need_listed"  # its group voted for it
    NEED_DECLINED = "need_declined"  # its group voted against it
    NEED_SENT = "need_sent"  # the commune confirmed it
    NEED_NOT_CONFIRMED = "need_not_confirmed"
    NEED_RECEIVED = "need_received"  # the bank has it
    NEED_APPROVED = "need_approved"
    NEED_REFUSED = "need_refused"
    NEED_WITHDRAWN = "need_withdrawn"  # the household does not want it any more


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
    `learned_on` is the day on which that was found out: no deadline runs before it.
    """

    household_id: UUID
    entitlement_version: int
    commune: str
    programme: str | None
    since: date
    learned_on: date


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral as it stands after `version`.

    `entitled_from` is the first day of the entitlement it stands on; `changed_on` the day on which
    its last version became true; `until` the first day on which it no longer stood. `need` is the
    newest loan need, also when that is over.
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
    need: Need | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One act and the referral after it."""

    act: Act
    referral: Referral


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
    due: Due,
    new_id: Callable[[], UUID],
) -> list[Change]:
    """The changes that bring a household's referrals to what is wanted; none where they are.

    Args:
        current: all referrals of the household that are not withdrawn.
        wanted: what the latest entitlements ask for.
        law_day: up to which day rate changes have been applied.
        price: the terms of a programme on a day.
        due: by when the commune must confirm a need again.
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
        changed = _decide_open(opened, wanted, programme, law_day, price, due)
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
    referral: Referral,
    wanted: Wanted,
    programme: str | None,
    law_day: date,
    price: Price,
    due: Due,
) -> Change | None:
    if programme is None:
        return change_of(
            Act.WITHDRAWN,
            referral,
            state=ReferralState.WITHDRAWN,
            commune=wanted.commune,
            changed_on=wanted.since,
            until=wanted.since,
            need=referral.need and lose_class(referral.need, wanted.since),
        )
    if programme != referral.programme or wanted.since != referral.entitled_from:
        stays = programme != referral.programme and referral.opened_on <= wanted.since
        return change_of(
            Act.MOVED,
            referral,
            programme=programme,
            commune=wanted.commune,
            # A corrected day of the same entitlement is the day on which it should have opened.
            opened_on=referral.opened_on if stays else wanted.since,
            entitled_from=wanted.since,
            changed_on=wanted.since,
            terms=terms_as_of(programme, wanted.since, law_day, price),
            need=_need_moved(referral, wanted, programme, due),
        )
    return _relocate(referral, wanted)


def _need_moved(referral: Referral, wanted: Wanted, programme: str, due: Due) -> Need | None:
    need = referral.need
    if need is not None and programme != referral.programme:
        known_on = max(wanted.since, wanted.learned_on)
        need = follow_class(need, wanted.since, due(NeedStage.LISTED, programme, known_on))
    if need is not None and wanted.commune != referral.commune:
        need = follow_household(need)
    return need


def _decide_disbursed(referral: Referral, wanted: Wanted) -> Change | None:
    is_flagged = referral.programme != wanted.programme
    if is_flagged == referral.is_flagged:
        return _relocate(referral, wanted)
    return change_of(
        Act.FLAGGED if is_flagged else Act.UNFLAGGED,
        referral,
        is_flagged=is_flagged,
        commune=wanted.commune,
        changed_on=wanted.since,
    )


def _relocate(referral: Referral, wanted: Wanted) -> Change | None:
    if referral.commune == wanted.commune:
        return None
    return change_of(
        Act.RELOCATED,
        referral,
        commune=wanted.commune,
        need=referral.need and follow_household(referral.need),
    )


def with_need(act: Act, referral: Referral, need: Need) -> Change:
    """One act on the referral's loan need."""
    return change_of(act, referral, need=need, changed_on=need.changed_on)


def change_of(act: Act, referral: Referral, **values: object) -> Change:
    """The referral's next version; an open need is measured by the terms that now apply."""
    version = referral.version + 1
    after = replace(referral, version=version, **values)  # type: ignore[arg-type]
    need = after.need
    if need is None:
        return Change(act, after)
    if need.is_open and need.over_cap != (is_over := need.is_over(after.terms.max_amount)):
        need = replace(need, over_cap=is_over)
    if need != referral.need or after.commune != referral.commune:
        need = replace(need, version=version)
    return Change(act, after if need is after.need else replace(after, need=need))


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
    return change_of(Act.REPRICED, referral, terms=terms, changed_on=terms.on)
