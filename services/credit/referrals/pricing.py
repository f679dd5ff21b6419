"""The law's loan terms as a referral needs them: what is offered on a day, and since when."""

from bisect import bisect_right
from datetime import date
from functools import cache

from libs.common.policy import Book
from libs.common.problems import Problem
from services.credit.referrals.domain import PROGRAMMES, OfferedTerms, Price
from services.credit.terms.domain import terms_book, terms_on


@cache
def current_price() -> Price:
    """The prices of the law that is part of the program."""
    return price_of(terms_book())


def price_of(book: Book) -> Price:
    """The prices of a book, looked up by day.

    On a day for which the law has no terms yet the first later ones are offered, so that whoever is
    entitled is referred all the same; what they may borrow then is the bank's to say.
    """
    lists = {programme: _timeline(programme, book) for programme in PROGRAMMES}

    def price(programme: str, day: date) -> OfferedTerms:
        timeline = lists[programme]
        place = bisect_right(timeline, day, key=lambda terms: terms.on)
        return timeline[max(place - 1, 0)]

    return price


def _timeline(programme: str, book: Book) -> list[OfferedTerms]:
    bounds = {table.effective for table in book.tables}
    bounds |= {table.known_from for table in book.tables}
    bounds |= {table.until for table in book.tables if table.until is not None}
    timeline: list[OfferedTerms] = []
    for day in sorted(bounds):
        offered = _offered(programme, day, book)
        if offered is not None and not (timeline and offered.is_like(timeline[-1])):
            timeline.append(offered)
    return timeline


def _offered(programme: str, day: date, book: Book) -> OfferedTerms | None:
    try:
        terms = terms_on(programme, day, book)
    except Problem:
        return None
    return OfferedTerms(
        on=day,
        max_amount=terms.max_amount,
        max_months=terms.max_months,
        yearly_rate=terms.yearly_rate_percent,
        overdue_rate=terms.overdue_rate_percent,
        document=terms.document,
        is_confirmed=terms.is_confirmed,
    )
