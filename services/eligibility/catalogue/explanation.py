"""Why, and why not: every condition of every row that could give a programme on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.policy import ConditionReason, RowReason, Table, TableReason, age_on, evaluate
from libs.common.policy.evaluation import complete
from libs.common.policy.facts import FactValue, Subject
from libs.common.problems import Text
from services.eligibility.catalogue.household import HouseholdFacts, MemberFacts
from services.eligibility.catalogue.law_in_force import AGE, person_facts
from services.eligibility.catalogue.rules import Catalogue
from services.eligibility.catalogue.timeline import household_key, track_key


@dataclass(frozen=True)
class TableExplanation:
    """One version of a table in force on the day.

    `scope` tells whether its place is the household's; a table of another place decides nothing.
    """

    table: Table
    scope: ConditionReason
    reason: TableReason


@dataclass(frozen=True)
class Explanation:
    """The full answer for one programme, subject and day.

    Attributes:
        summary: the answer in one or two sentences.
        standard: code of the poverty standard that counted.
        presence: conditions that stand before any table: belonging to the household on that day.
        tables: what was asked, in the order in which it was asked; the place's own rule first.
        document, is_confirmed, row, benefit: of the deciding row; None and empty without one.
        notes: what the reader should know of the rules, assumptions included.
    """

    programme: str
    subject_kind: Subject
    subject_id: UUID
    day: date
    is_entitled: bool
    summary: Text
    standard: str | None
    presence: tuple[ConditionReason, ...]
    tables: tuple[TableExplanation, ...]
    table: str | None
    row: str | None
    document: str | None
    is_confirmed: bool | None
    benefit: dict[str, int | str | list[str]]
    notes: tuple[Text, ...]


def explain(
    household: HouseholdFacts,
    subject_id: UUID,
    programme: str,
    day: date,
    catalogue: Catalogue,
    known_on: date | None = None,
) -> Explanation:
    """Why the household or one of its members has this programme on a day, or why not.

    Args:
        known_on: which rules are known; by default those of `day`.

    Raises:
        LookupError: no such programme, or no such subject in the household.
    """
    versions = catalogue.book.of_programme(programme)
    if not versions:
        raise LookupError(programme)
    member = _member(household, subject_id, day)
    law = catalogue.law(known_on or day)
    stretch = law.stretches[law.index_on(day)]
    key = household_key(track_key(household), day, stretch.standard, law.national_standards)
    facts: dict[str, FactValue] = key.facts()
    if member is not None:
        age = max(0, age_on(catalogue.born_on(member), day))
        facts |= person_facts(catalogue.life(member).key, age)
    ids = {table.id for table in versions}
    asked = [
        TableExplanation(
            table,
            _scope(table, key.province),
            evaluate(table, complete(facts, catalogue.book.vocabulary)),
        )
        for table in stretch.tables
        if table.id in ids
    ]
    asked.sort(key=lambda entry: (not entry.scope.held, not entry.table.provinces))
    presence = tuple(_presence(household, member, versions[0], day, catalogue))
    decided = next((e for e in asked if e.scope.held and e.reason.row is not None), None)
    is_present = all(condition.held for condition in presence)
    row = _decided_row(decided) if decided and is_present else None
    is_entitled = row is not None and row.programme == programme
    return Explanation(
        programme=programme,
        subject_kind=Subject.PERSON if member is not None else Subject.HOUSEHOLD,
        subject_id=subject_id,
        day=day,
        is_entitled=is_entitled,
        summary=_summary(programme, is_entitled, row, presence, asked, versions),
        standard=str(stretch.standard) if stretch.standard else None,
        presence=presence,
        tables=tuple(asked),
        table=decided.table.id if decided and row else None,
        row=row.row if row else None,
        document=_document(row) if row else None,
        is_confirmed=_is_confirmed(row, member, catalogue) if row else None,
        benefit=decided.reason.benefit if decided and is_entitled else {},
        notes=tuple(_notes(asked, row, member, catalogue)),
    )


def _member(household: HouseholdFacts, subject_id: UUID, day: date) -> MemberFacts | None:
    """The stay that counts on the day: of who left and came back, the last that had begun."""
    if subject_id == household.household_id:
        return None
    stays = [member for member in household.members if member.person_id == subject_id]
    if not stays:
        raise LookupError(subject_id)
    begun = [stay for stay in stays if stay.joined_on <= day]
    return max(begun or stays, key=lambda stay: stay.joined_on)


def _scope(table: Table, province: str | None) -> ConditionReason:
    if not table.provinces:
        nation = Text("Áp dụng trên cả nước", "Applies in the whole country")
        return ConditionReason("province", nation, nation, True)
    codes = ", ".join(sorted(table.provinces))
    return ConditionReason(
        fact="province",
        asked=Text(f"Cư trú tại tỉnh, thành phố mã {codes}", f"Lives in province {codes}"),
        found=Text(
            f"Mã tỉnh, thành phố nơi cư trú: {province or 'chưa rõ'}",
            f"Province of residence: {province or 'not known'}",
        ),
        held=province in table.provinces,
    )


def _presence(
    household: HouseholdFacts,
    member: MemberFacts | None,
    table: Table,
    day: date,
    catalogue: Catalogue,
) -> Iterator[ConditionReason]:
    asks_person, is_person = table.subject is Subject.PERSON, member is not None
    of_whom = (
        Text("Chương trình xét cho từng người", "The programme is for a person")
        if asks_person
        else Text("Chương trình xét cho cả hộ", "The programme is for a household")
    )
    asked_for = (
        Text("Đang xét một người", "Asked for a person")
        if is_person
        else Text("Đang xét cả hộ", "Asked for the household")
    )
    yield ConditionReason("subject", of_whom, asked_for, asks_person == is_person)
    gap = next((one for one in household.closures if one[0] <= day < one[1]), None)
    closed_on = household.closed_on if gap is None else gap[0]
    yield ConditionReason(
        "household_open",
        Text("Hộ còn trong sổ", "The household is on the register"),
        Text(f"Hộ đã đóng ngày {closed_on:%d/%m/%Y}", f"Closed on {closed_on.isoformat()}")
        if closed_on
        else Text("Hộ còn trong sổ", "It is"),
        not household.is_closed_on(day),
    )
    if member is not None:
        start = max(member.joined_on, catalogue.born_on(member))
        left_on = member.left_on
        until = (
            Text(f" đến trước {left_on:%d/%m/%Y}", f" until before {left_on.isoformat()}")
            if (left_on)
            else Text("", "")
        )
        yield ConditionReason(
            "membership",
            Text("Là thành viên của hộ vào ngày này", "Is a member on this day"),
            Text(
                f"Là thành viên từ {start:%d/%m/%Y}{until.vi}",
                f"Member from {start.isoformat()}{until.en}",
            ),
            start <= day and (left_on is None or day < left_on),
        )


def _decided_row(entry: TableExplanation) -> RowReason:
    return next(row for row in entry.reason.rows if row.decided)


def _document(row: RowReason) -> str:
    article = f", {row.source.article}" if row.source.article else ""
    return f"{row.source.document}{article}"


def _asks_age(row: RowReason) -> bool:
    return any(condition.fact == AGE for condition in row.conditions)


def _is_confirmed(row: RowReason, member: MemberFacts | None, catalogue: Catalogue) -> bool:
    is_assumed = member is not None and catalogue.is_birthday_assumed(member)
    return row.source.is_confirmed and not (is_assumed and _asks_age(row))


def _notes(
    asked: list[TableExplanation],
    row: RowReason | None,
    member: MemberFacts | None,
    catalogue: Catalogue,
) -> Iterator[Text]:
    if row is not None and not _is_confirmed(row, member, catalogue):
        yield Text(
            "Căn cứ pháp lý chưa được xác nhận với văn bản gốc.",
            "The legal basis has not been confirmed against the text.",
        )
    if row is not None and row.source.note is not None:
        yield row.source.note
    yield from (e.table.note for e in asked if e.scope.held and e.table.note is not None)
    if member is not None and catalogue.is_birthday_assumed(member):
        yield from catalogue.birthday_notes


def _summary(
    programme: str,
    is_entitled: bool,
    row: RowReason | None,
    presence: tuple[ConditionReason, ...],
    asked: list[TableExplanation],
    versions: tuple[Table, ...],
) -> Text:
    if row is not None and is_entitled:
        return Text(
            f"Được hưởng: {row.title.vi}, theo {_document(row)}.",
            f"Entitled: {row.title.en}, under {_document(row)}.",
        )
    if row is not None:
        return Text(
            f"Không hưởng theo {programme}: đã được xét ở mức “{row.title.vi}”.",
            f"Not under {programme}: already granted as “{row.title.en}”.",
        )
    if not asked:
        return _not_in_force(versions)
    failed = [condition for condition in presence if not condition.held]
    failed = failed or _nearest_failure(programme, asked)
    return Text(
        "Không được hưởng: "
        + "; ".join(f"cần “{c.asked.vi}”, thực tế “{c.found.vi}”" for c in failed)
        + ".",
        "Not entitled: "
        + "; ".join(f"needs “{c.asked.en}”, but “{c.found.en}”" for c in failed)
        + ".",
    )


def _nearest_failure(programme: str, asked: list[TableExplanation]) -> list[ConditionReason]:
    """The failed conditions of the row that came closest."""
    failures = [
        [c for c in (entry.scope, *row.conditions) if not c.held]
        for entry in asked
        for row in entry.reason.rows
        if row.programme == programme
    ]
    return min(failures, key=len, default=[])


def _not_in_force(versions: tuple[Table, ...]) -> Text:
    ordered = sorted(versions, key=lambda table: table.effective)
    start, untils = ordered[0].effective, [table.until for table in ordered]
    last = None if None in untils else max(day for day in untils if day is not None)
    until = (
        Text(f" đến trước {last:%d/%m/%Y}", f" until before {last.isoformat()}")
        if last
        else Text("", "")
    )
    return Text(
        f"Không có quy định nào áp dụng vào ngày này; chỉ áp dụng từ {start:%d/%m/%Y}{until.vi}.",
        f"No rule is in force on this day; only from {start.isoformat()}{until.en}.",
    )
