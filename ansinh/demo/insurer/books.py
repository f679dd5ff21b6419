"""The insurer's own books: every statement on them. A webhook is kept once, and worked once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from ansinh.demo.counterpart.books import OpenBooks, read_all
from ansinh.demo.insurer.rules import Answer, Key, Period, Rules, follow

_SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
_ROLL = "insurance.roll_changed.v1"
_ANSWER = (
    "household_id, person_id, grp, from_day, number, until, roll_version, state, reason, "
    "reference, benefit_level, valid_from, valid_until, answered_on"
)
_LAST = f"""
SELECT {_ANSWER} FROM answer WHERE household_id = ? AND (person_id, grp, from_day, number) IN (
  SELECT person_id, grp, from_day, max(number) FROM answer WHERE household_id = ?
  GROUP BY person_id, grp, from_day)
"""
_HELD = f"""
SELECT {_ANSWER} FROM answer JOIN (
  SELECT household_id, person_id, grp, from_day, max(number) AS number FROM answer
  WHERE told <> 'void' GROUP BY household_id, person_id, grp, from_day
) USING (household_id, person_id, grp, from_day, number)
"""
_LINES = "SELECT household_id, person_id, grp, from_day, until FROM line"
_COUNTS = """
SELECT (SELECT count(*) FROM inbox) AS webhooks,
       (SELECT count(*) FROM household) AS households,
       (SELECT count(*) FROM line) AS lines,
       (SELECT count(*) FROM answer WHERE told = 'told') AS told,
       (SELECT count(*) FROM answer WHERE told = 'promised') AS promised,
       (SELECT count(*) FROM answer WHERE told = 'told' AND state = 'issued') AS issued,
       (SELECT count(*) FROM answer WHERE told = 'told' AND state = 'rejected') AS rejected,
       (SELECT count(*) FROM answer WHERE told = 'told' AND state = 'withdrawn') AS withdrawn,
       (SELECT count(*) FROM problem) AS problems
"""


class Books(OpenBooks):
    """What the insurer keeps: webhooks, the roll as it was told of it, its answers."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA)

    def keep(self, webhooks: Iterable[tuple[str, bytes]]) -> None:
        """Webhooks as they came; one that is known already is passed over."""
        self._db.executemany(
            "INSERT OR IGNORE INTO inbox (webhook_id, body) VALUES (?, ?)", webhooks
        )

    def work(self, most: int, rules: Rules, today: date) -> int:
        """Work kept webhooks, oldest first: what is to be told follows from them."""
        rows = self._all(
            "SELECT place, body FROM inbox WHERE body IS NOT NULL ORDER BY place LIMIT ?", most
        )
        for row in rows:
            self._take(json.loads(row["body"]), rules, today)
            self._run("UPDATE inbox SET body = NULL WHERE place = ?", row["place"])
        return len(rows)

    def untold(self) -> list[Answer]:
        """What is promised and not taken yet, oldest first."""
        rows = self._all(f"SELECT {_ANSWER} FROM answer WHERE told = 'promised' ORDER BY answer_id")
        return [_answer_of(row) for row in rows]

    def tick_off(self, answers: Iterable[Answer]) -> None:
        self._set("told", answers)

    def give_up(self, answer: Answer) -> None:
        self._set("void", [answer])

    def _set(self, told: str, answers: Iterable[Answer]) -> None:
        self._db.executemany(
            "UPDATE answer SET told = ? WHERE household_id = ? AND person_id = ? AND grp = ? "
            "AND from_day = ? AND number = ?",
            [(told, *_key(answer.key), answer.number) for answer in answers],
        )

    def _take(self, event: Mapping[str, Any], rules: Rules, today: date) -> None:
        """The newest version of a household's roll counts, in whatever order they come."""
        if event["type"] != _ROLL:
            return
        household, version = UUID(event["subject"]), int(event["sequence"])
        known = self._one("SELECT version FROM household WHERE household_id = ?", str(household))
        if known is not None and version <= known["version"]:
            return
        self._run("INSERT OR REPLACE INTO household VALUES (?, ?)", str(household), version)
        self._run("DELETE FROM line WHERE household_id = ?", str(household))
        if event.get("data") is None:
            return  # no longer this insurer's: the next one answers
        roll = [_period_of(household, one) for one in event["data"]["periods"]]
        self._db.executemany(
            "INSERT INTO line VALUES (?, ?, ?, ?, ?)",
            [(*_key(period.key), _text(period.until)) for period in roll],
        )
        last = [_answer_of(row) for row in self._all(_LAST, str(household), str(household))]
        answers = follow(roll, version, {one.key: one for one in last}, today, rules)
        self._promise(answers)

    def _promise(self, answers: Sequence[Answer]) -> None:
        places = ", ".join("?" * len(_ANSWER.split(", ")))
        self._db.executemany(
            f"INSERT INTO answer ({_ANSWER}) VALUES ({places})",
            [
                (
                    *_key(one.key),
                    one.number,
                    _text(one.until),
                    one.roll_version,
                    one.state,
                    one.reason,
                    one.reference and str(one.reference),
                    one.benefit_level,
                    _text(one.valid_from),
                    _text(one.valid_until),
                    one.answered_on.isoformat(),
                )
                for one in answers
            ],
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the books: what came, and what was told of it."""

    webhooks: int
    households: int
    lines: int
    told: int
    promised: int
    issued: int
    rejected: int
    withdrawn: int
    problems: int


def read_counts(path: Path) -> Counts:
    (row,) = read_all(path, _COUNTS)
    return Counts(**dict(row))


def read_answers(path: Path) -> list[Answer]:
    """The newest answer to every line, as an auditor reads it."""
    return [_answer_of(row) for row in read_all(path, _HELD)]


def read_lines(path: Path) -> dict[Key, date | None]:
    """The roll as the insurer was told of it: each line and its end."""
    return {_key_of(row): _day(row["until"]) for row in read_all(path, _LINES)}


def _period_of(household: UUID, said: Mapping[str, Any]) -> Period:
    from_day = date.fromisoformat(said["from_day"])
    key = Key(household, UUID(said["person_id"]), said["group"], from_day)
    return Period(key, _day(said["until"]), said["benefit_percent"])


def _answer_of(row: Mapping[str, Any]) -> Answer:
    return Answer(
        key=_key_of(row),
        number=row["number"],
        until=_day(row["until"]),
        roll_version=row["roll_version"],
        state=row["state"],
        answered_on=date.fromisoformat(row["answered_on"]),
        reason=row["reason"],
        reference=row["reference"] and UUID(row["reference"]),
        benefit_level=row["benefit_level"],
        valid_from=_day(row["valid_from"]),
        valid_until=_day(row["valid_until"]),
    )


def _key_of(row: Mapping[str, Any]) -> Key:
    household, person = UUID(row["household_id"]), UUID(row["person_id"])
    return Key(household, person, row["grp"], date.fromisoformat(row["from_day"]))


def _key(key: Key) -> tuple[str, str, str, str]:
    return str(key.household_id), str(key.person_id), key.group, key.from_day.isoformat()


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
