"""The law between two of its own days: which tables hold, and what they give to equal facts.

A profile is a household's side of the facts inside one such stretch. Equal persons of equal
profiles are decided once; the answers are interned, so that "nothing changed" is an identity test.
"""

from bisect import bisect_right
from datetime import date
from functools import cached_property
from typing import NamedTuple

from libs.common.policy import Book, Row, Table
from libs.common.policy.book import select_in_force
from libs.common.policy.conditions import Facts
from libs.common.policy.facts import FactValue, ParameterValue, Subject

STANDARD_TABLE = "standard.national"
ORDER_TABLE = "insurance.order"
BIRTHDAY_TABLE = "person.birthday"
AGE = "age"


class Grant:
    """What one row gives; equal grants are one object."""

    __slots__ = ("benefit", "document", "is_confirmed", "programme", "row", "support", "table")

    def __init__(self, table: Table, row: Row, programme: str, is_confirmed: bool) -> None:
        source = row.source
        article = f", {source.article}" if source.article else ""
        self.programme = programme
        self.support = programme.partition(".")[0]
        self.table = table.id
        self.row = row.id
        self.document = f"{source.document}{article}"
        self.is_confirmed = is_confirmed
        self.benefit: dict[str, ParameterValue] = row.benefit


Grants = tuple[Grant, ...]


class PersonKey(NamedTuple):
    """All that the tables may ask of a person, but the age."""

    sex: str
    is_ethnic_minority: bool
    disability: str
    schooling: str
    has_pension: bool
    is_low_income_worker: bool
    is_birthday_assumed: bool


class HouseholdKey(NamedTuple):
    """All that the tables may ask of a household on a day."""

    national_class: str
    escaped_from: str
    designations: frozenset[str]
    province: str | None
    area_kind: str
    is_farm_household: bool

    def facts(self) -> dict[str, FactValue]:
        return {
            "national_class": self.national_class,
            "escaped_from": self.escaped_from,
            "designations": self.designations,
            "area_kind": self.area_kind,
            "is_farm_household": self.is_farm_household,
        }


class GrantPool:
    """Keeps one object per different grant and per different tuple of grants."""

    def __init__(self) -> None:
        self._grants: dict[tuple[object, ...], Grant] = {}
        self._tuples: dict[Grants, Grants] = {}

    def grant(self, table: Table, row: Row, programme: str, is_confirmed: bool) -> Grant:
        new = Grant(table, row, programme, is_confirmed)
        key = (programme, new.table, new.row, new.document, is_confirmed, repr(new.benefit))
        return self._grants.setdefault(key, new)

    def together(self, grants: list[Grant]) -> Grants:
        key = tuple(grants)
        return self._tuples.setdefault(key, key)


class Stretch:
    """The law between two of its days: a constant set of table versions."""

    def __init__(self, tables: list[Table]) -> None:
        self.tables = tables
        self.standard = _parameter(tables, STANDARD_TABLE, "standard")
        self._places: dict[tuple[str | None, Subject], list[list[Table]]] = {}

    def for_place(self, province: str | None, subject: Subject) -> list[list[Table]]:
        """Per table id the versions to ask in turn: the province's overlay, then the nation's."""
        key = (province, subject)
        if key not in self._places:
            by_id: dict[str, list[Table]] = {}
            for table in self.tables:
                if table.programmes and table.subject is subject and table.provinces:
                    if province in table.provinces:
                        by_id.setdefault(table.id, []).insert(0, table)
                elif table.programmes and table.subject is subject:
                    by_id.setdefault(table.id, []).append(table)
            self._places[key] = [by_id[table_id] for table_id in sorted(by_id)]
        return self._places[key]


def _parameter(tables: list[Table], table_id: str, name: str) -> ParameterValue | None:
    for table in tables:
        if table.id == table_id:
            return table.rows[0].benefit[name]
    return None


class Profile:
    """One household side of the facts inside one stretch of the law, with its answers so far."""

    __slots__ = ("_by_person", "_facts", "_key", "_law", "_stretch", "household")

    def __init__(self, law: "LawInForce", stretch: Stretch, key: HouseholdKey) -> None:
        self._law = law
        self._stretch = stretch
        self._key = key
        self._facts = key.facts()
        self._by_person: dict[PersonKey, list[Grants | None]] = {}
        self.household = self._decide(Subject.HOUSEHOLD, self._facts, False)

    def person(self, key: PersonKey, band: int) -> Grants:
        """What a person of these facts and this age band is granted."""
        try:
            bands = self._by_person[key]
        except KeyError:
            bands = self._by_person[key] = [None] * (len(self._law.ages) + 1)
        found = bands[band]
        if found is None:
            age = self._law.ages[band - 1] if band else 0
            facts = {**self._facts, **person_facts(key, age)}
            found = bands[band] = self._decide(Subject.PERSON, facts, key.is_birthday_assumed)
        return found

    def _decide(self, subject: Subject, facts: Facts, is_birthday_assumed: bool) -> Grants:
        granted = []
        for versions in self._stretch.for_place(self._key.province, subject):
            for table in versions:
                row = table.deciding_row(facts)
                if row is None:
                    continue
                if row.programme is not None:
                    is_confirmed = row.source.is_confirmed and not (
                        is_birthday_assumed and asks_age(row)
                    )
                    granted.append(self._law.pool.grant(table, row, row.programme, is_confirmed))
                break
        return self._law.pool.together(granted)


def person_facts(key: PersonKey, age: int) -> dict[str, FactValue]:
    return {
        "age": age,
        "sex": key.sex,
        "is_ethnic_minority": key.is_ethnic_minority,
        "disability": key.disability,
        "schooling": key.schooling,
        "has_pension": key.has_pension,
        "is_low_income_worker": key.is_low_income_worker,
    }


def asks_age(row: Row) -> bool:
    return any(condition.fact.name == AGE for condition in row.conditions)


class LawInForce:
    """The whole time line of the law, as known from one day on.

    Rules known before they take effect need no day of knowledge here: on no day that they govern
    can they be unknown. So only the rules that arrive late tell one `LawInForce` from another.
    """

    def __init__(self, book: Book, tables: list[Table], ages: list[int], pool: GrantPool) -> None:
        self.ages = ages
        self.pool = pool
        bounds = {date.min} | {t.effective for t in tables} | {t.until for t in tables if t.until}
        self.days = sorted(bounds)
        self.stretches = [Stretch(select_in_force(tables, day)) for day in self.days]
        self.national_standards = frozenset(
            str(row.benefit["standard"])
            for table in book.tables
            if table.id == STANDARD_TABLE
            for row in table.rows
        )
        self._overlaid = frozenset(code for table in tables for code in table.provinces)
        self._profiles: dict[tuple[int, HouseholdKey], Profile] = {}

    def index_on(self, day: date) -> int:
        return bisect_right(self.days, day) - 1

    def profile(self, index: int, key: HouseholdKey) -> Profile:
        """The one profile of these facts in a stretch; a province without overlays is no fact."""
        if key.province not in self._overlaid:
            key = key._replace(province=None)
        try:
            return self._profiles[index, key]
        except KeyError:
            made = self._profiles[index, key] = Profile(self, self.stretches[index], key)
            return made

    @cached_property
    def nothing(self) -> Grants:
        return self.pool.together([])
