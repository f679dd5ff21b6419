"""Stream `card`: what the insurer answered to a household's roll. Says: eligibility."""

from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.model import Contract
from libs.common.vocabulary import CardReason, CardState

CHANGED = "card.changed.v1"


class Card(Contract):
    """The newest answer to one line of the roll: a person in a group over `[from_day, until)`.

    `roll_version` is the version of the household's roll that was answered, `number` the insurer's
    own count of its answers to the line. `[valid_from, valid_until)` is the card's, where one was
    issued. No card number and no reference is said.
    """

    person_id: UUID
    group: str
    from_day: date
    until: date | None
    roll_version: int
    number: int
    state: CardState
    reason: CardReason | None
    benefit_level: int | None
    valid_from: date | None
    valid_until: date | None
    answered_on: date


class CardData(Contract):
    """The newest answers to every line of a household, as known after this version.

    A line that the roll no longer has keeps its last answer.
    """

    household_id: UUID
    area: HouseholdArea
    cards: tuple[Card, ...]
