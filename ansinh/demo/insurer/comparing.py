"""The insurer's books beside An Sinh's roll and cards, line by line. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from ansinh.demo.insurer.rules import WITHDRAWN, Answer, Key

Card = tuple[object, ...]


def differences(books: Iterable[Answer], cards: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the newest answers and An Sinh's cards (`GET …/insurance/cards`) do not say alike.

    A card that An Sinh holds for outdated is a difference: the insurer has yet to answer.
    """
    here = {answer.key: _of_answer(answer) for answer in books}
    there, outdated = {}, []
    for card in cards:
        key = key_of(card)
        there[key] = _of_card(card)
        if card["standing"] != "current":
            outdated.append(f"{_name(key)}: {card['standing']}")
    return [*_unlike(here, there), *outdated]


def roll_differences(
    lines: Mapping[Key, date | None], roll: Iterable[Mapping[str, Any]], day: date
) -> list[str]:
    """What the roll as the insurer knows it and An Sinh's roll of a day do not say alike."""
    here = {
        key: (until,)
        for key, until in lines.items()
        if key.from_day <= day and (until is None or day < until)
    }
    return list(_unlike(here, {key_of(line): (_day(line["until"]),) for line in roll}))


def unanswered(lines: Mapping[Key, date | None], books: Iterable[Answer]) -> list[str]:
    """Lines of the roll that the insurer has not answered as they are now."""
    held = {answer.key: answer for answer in books}
    return [
        f"{_name(key)}: chưa trả lời / unanswered"
        for key, until in lines.items()
        if key not in held or held[key].state == WITHDRAWN or held[key].until != until
    ]


def key_of(line: Mapping[str, Any]) -> Key:
    household, person = UUID(line["household_id"]), UUID(line["person_id"])
    return Key(household, person, line["group"], date.fromisoformat(line["from_day"]))


def _unlike(here: Mapping[Key, Card], there: Mapping[Key, Card]) -> Iterator[str]:
    for key in sorted(here.keys() | there.keys()):
        mine, theirs = here.get(key), there.get(key)
        if mine is None or theirs is None:
            only = "An Sinh" if mine is None else "cơ quan BHXH / the insurer"
            yield f"{_name(key)}: chỉ có ở / only at {only}"
        elif mine != theirs:
            yield f"{_name(key)}: {mine} ≠ {theirs}"


def _of_answer(answer: Answer) -> Card:
    return (
        answer.number,
        answer.state,
        answer.reason,
        answer.until,
        answer.reference,
        answer.benefit_level,
        answer.valid_from,
        answer.valid_until,
    )


def _of_card(card: Mapping[str, Any]) -> Card:
    reference = card["card_reference"]
    return (
        card["number"],
        card["state"],
        card["reason"],
        _day(card["until"]),
        reference and UUID(reference),
        card["benefit_level"],
        _day(card["valid_from"]),
        _day(card["valid_until"]),
    )


def _name(key: Key) -> str:
    return f"{key.person_id} {key.group} {key.from_day}"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
