"""A query's tree as SQL: every value a parameter, every name one of ours.

What is not known matches nothing, and its negation everything, as in the language that the
standard's expressions come from. Of a household, a condition on persons holds where one of its
present members fulfils it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from libs.common.vocabulary import StatusClass
from services.registry.dci.attributes import Kind
from services.registry.dci.domain import Every, Leaf, Not, Operator, Some, SortKey, Tree

NEWLY_ESCAPED, NO_STATUS = "newly_escaped", "none"
_SIGNS = {
    Operator.EQ: "=",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
}
_OPEN_MEMBER = "upper_inf({m}.recorded) AND {m}.left_on IS NULL"
_MEMBER_COLUMNS = {
    "birth_date": "m.birth_date",
    "birth_year": "m.birth_year::numeric",
    "sex": "m.sex",
    "ethnicity": "m.ethnicity",
    "is_disabled": "(m.disability <> 'none')",
    "employment_status": "m.employment",
    "education_level": "m.schooling",
}
_SIZE = f"""(SELECT count(*) FROM member AS one WHERE one.household_id = h.household_id
  AND {_OPEN_MEMBER.format(m="one")})::numeric"""
_UPDATED = """greatest(h.recorded_at, lower(f.recorded),
  (SELECT max(lower(one.recorded)) FROM member AS one WHERE one.household_id = h.household_id))"""
# B1 points of reviews are not held: unknown, like any value that nobody recorded.
_HOUSEHOLD_COLUMNS = {
    "group_size": _SIZE,
    "poverty_score": "NULL::numeric",
    "registration_date": "h.registered_on",
    "last_updated": f"(({_UPDATED}) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date",
    "is_farm_household": "f.is_farm_household",
}
_POOR = (StatusClass.POOR.value, StatusClass.NEAR_POOR.value)
_HOLDS = """h.household_id IN (SELECT household_id FROM status_period
  WHERE status = ANY({statuses}::text[]) AND upper_inf(recorded) AND effective @> {day}::date)"""
# Poor before and not after, for 36 months from the decision's day, unless poor again since.
_ESCAPED = """EXISTS (
  SELECT FROM status_period AS after
  JOIN status_period AS before
    ON before.household_id = after.household_id AND before.standard = after.standard
   AND upper(before.effective) = lower(after.effective) AND upper_inf(before.recorded)
   AND before.status = ANY({poor}::text[])
  JOIN decision_row AS said
    ON said.household_id = after.household_id AND said.decision_id = after.decision_id
  WHERE after.household_id = h.household_id AND upper_inf(after.recorded)
    AND after.status <> ALL ({poor}::text[]) AND lower(after.effective) <= {day}::date
    AND {day}::date < said.signed_on + interval '36 months'
    AND NOT EXISTS (
      SELECT FROM status_period AS again
      WHERE again.household_id = after.household_id AND again.standard = after.standard
        AND upper_inf(again.recorded) AND again.status = ANY({poor}::text[])
        AND lower(again.effective) > lower(after.effective)
        AND lower(again.effective) <= {day}::date))"""


@dataclass
class Compiler:
    """Makes conditions, and keeps their parameters in order.

    Args:
        day: on which statuses and ages count.
        areas: the communes under each code that the tree names.
        of_person: whether persons are searched; else households.
        before: how many parameters stand before these.
    """

    day: date
    areas: Mapping[str, Collection[str] | None]
    of_person: bool
    before: int
    values: list[Any] = field(default_factory=list)

    def condition(self, tree: Tree) -> str:
        match tree:
            case Every(parts):
                return "(" + " AND ".join(map(self.condition, parts)) + ")"
            case Some(parts):
                return "(" + " OR ".join(map(self.condition, parts)) + ")"
            case Not(part):
                return f"(({self.condition(part)}) IS NOT TRUE)"
            case Leaf():
                return self._leaf(tree)

    def order(self, keys: tuple[SortKey, ...]) -> list[tuple[str, str]]:
        """The expressions that an answer is sorted by, each with its direction."""
        return [
            (self._column(key.attribute.name), "DESC" if key.descending else "ASC") for key in keys
        ]

    def _leaf(self, leaf: Leaf) -> str:
        if leaf.operator in (Operator.NE, Operator.NOT_IN):
            positive = Operator.EQ if leaf.operator is Operator.NE else Operator.IN
            inner = Leaf(leaf.attribute, positive, leaf.value)
            return f"(({self._leaf(inner)}) IS NOT TRUE)"
        if leaf.attribute.name == "poverty_status":
            return self._status(leaf)
        if leaf.attribute.kind is Kind.AREA:
            return self._area(leaf)
        made = self._compare(leaf, self._column(leaf.attribute.name))
        if leaf.attribute.of_person and not self.of_person:
            return f"""EXISTS (SELECT FROM member AS m WHERE m.household_id = h.household_id
  AND {_OPEN_MEMBER.format(m="m")} AND {made})"""
        return made

    def _compare(self, leaf: Leaf, column: str) -> str:
        kind = {Kind.NUMBER: "numeric", Kind.DAY: "date", Kind.FLAG: "boolean"}
        cast = kind.get(leaf.attribute.kind, "text")
        if leaf.operator is Operator.IN:
            return f"{column} = ANY({self._value(leaf.value)}::{cast}[])"
        return f"{column} {_SIGNS[leaf.operator]} {self._value(leaf.value)}::{cast}"

    def _column(self, name: str) -> str:
        if name == "age":
            day = self._value(self.day)
            return f"""CASE WHEN m.birth_date IS NULL
  THEN extract(year FROM {day}::date) - m.birth_year
  ELSE extract(year FROM age({day}::date, m.birth_date)) END"""
        return _MEMBER_COLUMNS.get(name) or _HOUSEHOLD_COLUMNS[name]

    def _area(self, leaf: Leaf) -> str:
        codes = leaf.value if isinstance(leaf.value, list) else [leaf.value]
        communes = {commune for code in codes for commune in self.areas.get(code) or ()}
        return f"f.residence = ANY({self._value(sorted(communes))}::text[])"

    def _status(self, leaf: Leaf) -> str:
        wanted = set(leaf.value if isinstance(leaf.value, list) else [leaf.value])
        poor = [one for one in _POOR if one in wanted]
        found = []
        if poor:
            held = self._held(poor)
            # Under two standards the worse one counts.
            worse = () if StatusClass.POOR in poor else (f"NOT {self._held([_POOR[0]])}",)
            found.append(" AND ".join((held, *worse)))
        rest: list[Callable[[], str]] = []
        if NEWLY_ESCAPED in wanted:
            rest.append(self._escaped)
        if NO_STATUS in wanted:
            rest.append(lambda: f"NOT {self._escaped()}")
        for make in rest:
            found.append(f"NOT {self._held(list(_POOR))} AND {make()}")  # noqa: PERF401
        return "(" + " OR ".join(f"({one})" for one in found) + ")" if found else "false"

    def _held(self, statuses: list[str]) -> str:
        return _HOLDS.format(statuses=self._value(statuses), day=self._value(self.day))

    def _escaped(self) -> str:
        return _ESCAPED.format(poor=self._value(list(_POOR)), day=self._value(self.day))

    def _value(self, value: Any) -> str:
        self.values.append(value)
        return f"${self.before + len(self.values)}"
