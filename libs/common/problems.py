"""What can be wrong, said so that the person at the other end can mend it.

The law, the stores and the handlers raise `Problem`; the edge turns it into an RFC 9457 document
once, in `libs.common.web`. Standard library only. A problem names fields, rules and line numbers,
never the personal value that broke the rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One message in the two languages of the product, Vietnamese first."""

    vi: str
    en: str


@dataclass(frozen=True)
class FieldError:
    """One broken rule.

    Attributes:
        pointer: JSON pointer to the field, e.g. `/rows/17/household_id`.
        rule: stable machine name of the rule, e.g. `household.unknown`.
        message: what is wrong.
        fix: what to do.
    """

    pointer: str
    rule: str
    message: Text
    fix: Text


class Problem(Exception):
    """A refusal of what was asked, with everything the asker needs to do better.

    Args:
        status: HTTP status (400, 403, 404, 409, 412, 422, 429, 503).
        code: stable machine name, e.g. `decision.refused`; becomes the problem's type URI.
        title: the refusal in one sentence.
        errors: the broken rules, each with its field; all of them, not just the first.
    """

    def __init__(
        self, status: int, code: str, title: Text, errors: Sequence[FieldError] = ()
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.errors = tuple(errors)


def same_person(title: Text, fix: Text, pointer: str = "") -> Problem:
    """The answer wherever two persons are needed and one of them acts for the other too: who asks,
    enters, sends or proposes does not decide on it, and two who decide are two.

    Args:
        title: what takes another person.
        fix: whom to ask.
        pointer: what of the request it is about.
    """
    rule = "duties.same_person"
    return Problem(403, rule, title, [FieldError(pointer, rule, title, fix)])


def not_found(kind: str) -> Problem:
    """The answer for what does not exist or is outside the caller's areas: one answer for both."""
    return Problem(
        404,
        f"{kind}.not_found",
        Text("Không tìm thấy trong phạm vi được phép.", "Not found within your areas."),
    )
