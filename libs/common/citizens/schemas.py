"""One service's part of a citizen's file as it is handed out."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from libs.common.problems import Text


class WordsOut(BaseModel):
    vi: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Self:
        return cls(vi=text.vi, en=text.en)


class Stay(BaseModel):
    """The person was a member of the household over `[from_day, until)`."""

    household_id: UUID
    from_day: date
    until: date | None

    def covers(self, day: date) -> bool:
        return self.from_day <= day and (self.until is None or day < self.until)


class ColumnOut(BaseModel):
    """A column of a section: `name` is its key in `rows`, `words` how its codes are read."""

    name: str
    title: WordsOut
    kind: str
    words: dict[str, WordsOut]


class SectionOut(BaseModel):
    """One kind of thing that is held. `is_whole` is false where there was more than is shown."""

    name: str
    title: WordsOut
    columns: list[ColumnOut]
    rows: list[dict[str, Any]]
    is_whole: bool


class AccountOut(BaseModel):
    """Who read or wrote of the person or its household, and why; `what` says `act` in words."""

    at: datetime
    caller: str
    roles: str
    kind: str
    act: str
    what: WordsOut | None
    purpose: str | None


class PartOut(BaseModel):
    """All that the caller may see of a person in one service, and the newest lines of who read it.

    Of its households what was so while it was a member (`stays`). `accounts_until`: older lines are
    had by asking with it as `before`; null: these are all.
    """

    service: str
    title: WordsOut
    person_id: UUID
    stays: list[Stay]
    sections: list[SectionOut]
    accounts: list[AccountOut]
    accounts_until: datetime | None
