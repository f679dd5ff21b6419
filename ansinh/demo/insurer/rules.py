"""How this insurer answers the roll. Pure: the same person always gets the same answer.

The insurer is made up. Whom it knows from another group, and whose data it does not trust, follows
from a number drawn from the person's id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from ansinh.demo.counterpart.chance import chance
from libs.common.ids import derived_id

ISSUED, REJECTED, WITHDRAWN = "issued", "rejected", "withdrawn"
OTHER_GROUP, WRONG_IDENTITY, LEFT_ROLL = "other_group", "wrong_identity", "left_roll"
_BENEFIT_LEVELS = {"TE": 1, "CN": 3}  # the others: 2 where the fund pays all, else 4


class Key(NamedTuple):
    """A line of the roll."""

    household_id: UUID
    person_id: UUID
    group: str
    from_day: date


class Period(NamedTuple):
    """A line as the roll has it now."""

    key: Key
    until: date | None
    benefit_percent: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What An Sinh is told of a line; `number` counts the answers to it."""

    key: Key
    number: int
    until: date | None
    roll_version: int
    state: str
    answered_on: date
    reason: str | None = None
    reference: UUID | None = None
    benefit_level: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def name(self) -> str:
        """Of the write, in the list of problems; the same for ever."""
        return f"card:{'/'.join(map(str, self.key))}:{self.number}"

    def body(self) -> dict[str, Any]:
        told = {
            "household_id": str(self.key.household_id),
            "person_id": str(self.key.person_id),
            "group": self.key.group,
            "from_day": self.key.from_day.isoformat(),
            "until": _text(self.until),
            "roll_version": self.roll_version,
            "number": self.number,
            "state": self.state,
            "answered_on": self.answered_on.isoformat(),
        }
        if self.state != ISSUED:
            return {**told, "reason": self.reason}
        return {
            **told,
            "card_reference": str(self.reference),
            "benefit_level": self.benefit_level,
            "valid_from": _text(self.valid_from),
            "valid_until": _text(self.valid_until),
        }


@dataclass(frozen=True, slots=True)
class Rules:
    """One person in so many is insured by an employer, or is not known by these data."""

    known_elsewhere_one_in: int = 31
    not_trusted_one_in: int = 47


def follow(
    roll: Iterable[Period],
    version: int,
    last: Mapping[Key, Answer],
    today: date,
    rules: Rules,
) -> list[Answer]:
    """The answers that a new version of a household's roll asks for.

    Args:
        roll: the whole household's, as it now is.
        version: of it.
        last: the newest answer to every line of the household that ever was.
        today: the day of the answers.
    """
    now = {period.key: period for period in roll}
    answers = []
    for key, period in now.items():
        before = last.get(key)
        if before is None or before.state == WITHDRAWN or before.until != period.until:
            number = 1 if before is None else before.number + 1
            answers.append(_answer(period, number, version, today, rules))
    answers += [
        Answer(key, before.number + 1, before.until, version, WITHDRAWN, today, reason=LEFT_ROLL)
        for key, before in last.items()
        if key not in now and before.state != WITHDRAWN
    ]
    return answers


def slip(body: dict[str, Any]) -> dict[str, Any]:
    """What a tired clerk writes: a card with an issuing day and no name."""
    return {**body, "card_reference": None} if body["state"] == ISSUED else {**body, "reason": None}


def _answer(period: Period, number: int, version: int, today: date, rules: Rules) -> Answer:
    key, until = period.key, period.until
    reason = None
    if chance("employer", key.person_id) % rules.known_elsewhere_one_in == 0:
        reason = OTHER_GROUP
    elif chance("identity", key.person_id) % rules.not_trusted_one_in == 0:
        reason = WRONG_IDENTITY
    if reason is not None:
        return Answer(key, number, until, version, REJECTED, today, reason=reason)
    return Answer(
        key,
        number,
        until,
        version,
        ISSUED,
        today,
        reference=derived_id("demo-card", *key, number),
        benefit_level=_BENEFIT_LEVELS.get(key.group, 2 if period.benefit_percent == 100 else 4),
        valid_from=key.from_day,
        valid_until=until,
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
