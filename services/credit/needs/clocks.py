"""By when the next act on a need is due. Nothing happens by itself then: it is shown as late."""

from datetime import date
from functools import lru_cache

from libs.common.policy import Book, working_days_after
from libs.common.vocabulary import NeedStage
from services.credit.needs.domain import Due
from services.credit.terms.domain import terms_book

_PARAMETERS = {NeedStage.LISTED: "confirmation_days", NeedStage.RECEIVED: "answer_days"}


def due_by(book: Book) -> Due:
    """The deadlines of a book: a programme's own times, else the general ones."""

    @lru_cache(maxsize=4096)
    def due(stage: NeedStage, programme: str, day: date) -> date | None:
        parameter = _PARAMETERS.get(stage)
        if parameter is None:
            return None
        for name in (f"clocks.{programme}", "clocks"):
            table = book.find(name, day)
            if table is not None:
                return working_days_after(day, int(str(table.rows[0].benefit[parameter])))
        return None

    return due


@lru_cache(maxsize=1)
def current_due() -> Due:
    """The deadlines of the law that is part of the program."""
    return due_by(terms_book())
