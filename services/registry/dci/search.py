"""A SearchRequest answered: every identifier of a message in one statement, every record in a few.

The same for the synchronous road, in the request's transaction, and for a worker that answers by
callback. What lies outside of the partner's registration is no match.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from libs.common.areas.scope import ScopeCache
from libs.common.database import Transaction
from libs.common.dci.fields import allowed
from libs.common.dci.messages import SearchItem, SearchRequest
from libs.common.dci.partners import DciPartner
from libs.common.dci.words import REGISTRY_TYPE, VERSION, Reason, RecordType
from libs.common.partners.scoping import communes_of
from libs.common.security.encryption import Vault
from services.registry.dci import domain, records, store
from services.registry.dci.attributes import QueryRefused, refused
from services.registry.dci.domain import Asked, Filter, Lookup
from services.registry.dci.naming import names_of
from services.registry.dci.records import (
    NO_STANDING,
    Home,
    Renderer,
    address_of,
    renderer,
    standing_on,
)
from services.registry.dci.store import CommuneNames, Communes, Found, Subject
from services.registry.reviews.store import read_rows
from services.registry.vault import store as vault
from services.registry.vault.domain import digest

DEFAULT_PAGE, LARGEST_PAGE = 100, 1_000
MOST_FILTERS = 20  # queries by attributes in one message; each is a statement
MOST_RECORDS = 10_000  # of one message
NOTHING = Found((), 0)
_HOUSEHOLD_ID, _PERSON_ID = "HOUSEHOLD_ID", "PERSON_ID"
_LONGEST_PURPOSE = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """What a partner may be answered.

    Attributes:
        communes: under whose codes rows stand; None: every one.
        fields: of records.
    """

    communes: Communes
    fields: frozenset[str]
    record_types: frozenset[RecordType]

    @classmethod
    def of(cls, partner: DciPartner, communes: Communes) -> "Reach":
        """That of a registration."""
        named = allowed(partner.registration.terms.fields)
        return cls(communes, named, frozenset(partner.terms.record_types))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a search asks besides the database.

    Attributes:
        day: on which statuses and ages count.
        identifier_key: what identifiers are hashed under.
        names, scopes: what a process remembers of areas.
        vault: what names are sealed under; None: nobody is named.
    """

    day: date
    identifier_key: bytes
    names: CommuneNames
    scopes: ScopeCache
    vault: Vault | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A SearchResponse.

    Attributes:
        message: its bytes, canonical.
        total: items, each of which was answered or rejected.
        households, persons: whose records it holds, for the audit trail.
        purpose: why, as the partner stated it.
    """

    message: bytes
    total: int
    households: tuple[UUID, ...]
    persons: tuple[UUID, ...]
    purpose: str | None


@dataclass
class _Item:
    """One item on its way; `page` is its size and its number."""

    asked: SearchItem
    kind: RecordType = RecordType.GROUP
    query: Asked | None = None
    digest: bytes | None = None
    found: Found = NOTHING
    refusal: QueryRefused | None = None

    page: tuple[int, int] = (DEFAULT_PAGE, 1)


async def search(
    tx: Transaction,
    request: SearchRequest,
    reach: Reach,
    around: Surroundings,
    correlation_id: str,
) -> Answer:
    """Answer every item, in their order.

    Args:
        tx: any role's; the reach is kept to either way.
        correlation_id: of the act, said back beside the partner's `transaction_id`.
    """
    items = [_Item(asked) for asked in request.search_request]
    _read(items, reach, around)
    rows = await _look_up(tx, items, reach)
    await _filter(tx, items, reach, around)
    _limit(items)
    return await _Writer(tx, reach, around, rows).write(request, items, correlation_id)


def _read(items: list[_Item], reach: Reach, around: Surroundings) -> None:
    """Each item's query and page, or why it has none."""
    seen, filters = set[str](), 0
    for item in items:
        try:
            if item.asked.reference_id in seen:
                raise QueryRefused(Reason.REFERENCE_DUPLICATE, "reference_id stands here twice")
            seen.add(item.asked.reference_id)
            item.query = _query(item, reach)
            if isinstance(item.query.query, Filter):
                filters += 1
                if filters > MOST_FILTERS:
                    text = f"at most {MOST_FILTERS} queries by attributes in a message"
                    raise QueryRefused(Reason.TOO_MANY, text)
            elif item.query.query.type not in (_HOUSEHOLD_ID, _PERSON_ID):
                lookup, key = item.query.query, around.identifier_key
                item.digest = digest(key, lookup.type, lookup.value)
        except QueryRefused as refusal:
            item.refusal, item.query = refusal, None


def _query(item: _Item, reach: Reach) -> Asked:
    criteria = item.asked.search_criteria
    if criteria.reg_type not in (None, REGISTRY_TYPE):
        raise refused(f"reg_type: {REGISTRY_TYPE}")
    if (page := item.asked.page) is not None:
        item.page = page.page_size, page.page_number
    size, number = item.page
    if size > LARGEST_PAGE or size * number > store.MOST_FOUND + LARGEST_PAGE:
        raise QueryRefused(Reason.PAGINATION, f"page_size: at most {LARGEST_PAGE}")
    asked = domain.read(criteria.query_type, criteria.query, reach.fields)
    item.kind = asked.collection or RecordType.GROUP
    for text in (criteria.reg_record_type, criteria.response_entity):  # the latter decides
        kind = RecordType.read(text)
        if kind is not None:
            item.kind = kind
        elif text is not None:
            raise refused("record types: Group, Member, SRPerson")
    if item.kind not in reach.record_types:
        raise refused("the record type is not in the registration")
    if not criteria.sort:
        return asked
    sort = [(one.attribute_name, one.sort_order) for one in criteria.sort]
    keys = domain.read_sort(sort, reach.fields, of_person=not _is_group(item))
    return Asked(asked.query, asked.collection, keys)


async def _look_up(tx: Transaction, items: list[_Item], reach: Reach) -> dict[UUID, asyncpg.Record]:
    """Every item that asks by an identifier, in two or three statements for all of them; answers
    the rows of the persons that were found.
    """
    asking = [
        (item, item.query.query)
        for item in items
        if item.query is not None and isinstance(item.query.query, Lookup)
    ]
    if not asking:
        return {}
    digests = {item.digest for item, _ in asking if item.digest is not None}
    bearers = await vault.find(tx, list(digests)) if digests else {}
    persons: dict[int, UUID] = {}
    homes: dict[int, UUID] = {}
    for place, (item, lookup) in enumerate(asking):
        person = _uuid(lookup.value) if item.digest is None else bearers.get(item.digest)
        if person is not None:
            (homes if lookup.type == _HOUSEHOLD_ID else persons)[place] = person
    rows = await store.persons(tx, set(persons.values()), reach.communes) if persons else {}
    seen = await store.visible(tx, set(homes.values()), reach.communes) if homes else set()
    listed = [home for place, home in homes.items() if not _is_group(asking[place][0])]
    in_home = await store.members(tx, set(listed), reach.communes) if listed else {}
    for place, (item, _) in enumerate(asking):
        subjects: list[Subject] = []
        if place in homes:
            home = homes[place]
            if not _is_group(item):
                subjects = [(home, row["person_id"]) for row in in_home.get(home, ())]
            elif home in seen:
                subjects = [(home, None)]
        elif place in persons and (row := rows.get(persons[place])) is not None:
            subjects = [(row["household_id"], persons[place])]
        size, number = item.page
        start = size * (number - 1)
        item.found = Found(tuple(subjects[start : start + size]), len(subjects))
    return rows


async def _filter(tx: Transaction, items: list[_Item], reach: Reach, around: Surroundings) -> None:
    """Every item that asks by attributes: a statement each, their number is limited."""
    for item in items:
        if item.query is None or not isinstance(item.query.query, Filter):
            continue
        tree, (size, number) = item.query.query.tree, item.page
        areas = {
            code: await communes_of(tx, around.scopes, [code], around.day)
            for code in set(domain.area_codes(tree))
            if code.isdigit()
        }
        item.found = await store.matching(
            tx,
            tree,
            item.query.sort,
            of_person=item.kind is not RecordType.GROUP,
            communes=reach.communes,
            areas=areas,
            day=around.day,
            limit=size,
            offset=size * (number - 1),
        )
        if item.found.too_many:
            text = f"more than {store.MOST_FOUND} records, or too long; ask for less"
            item.refusal, item.found = QueryRefused(Reason.TOO_MANY, text), NOTHING


def _limit(items: list[_Item]) -> None:
    """So many records of one message, and no more: what is beyond is asked for again."""
    given = 0
    for item in items:
        given += len(item.found.subjects)
        if given > MOST_RECORDS:
            text = f"at most {MOST_RECORDS} records in a message"
            item.refusal, item.found = QueryRefused(Reason.TOO_MANY, text), NOTHING


@dataclass
class _Writer:
    """Reads what is said of the subjects, and writes it.

    Attributes:
        rows: of persons, as far as they were read already.
    """

    tx: Transaction
    reach: Reach
    around: Surroundings
    rows: dict[UUID, asyncpg.Record]
    homes: dict[UUID, Home] = field(default_factory=dict)
    names: dict[UUID, bytes] = field(default_factory=dict)

    async def write(
        self, request: SearchRequest, items: list[_Item], correlation_id: str
    ) -> Answer:
        render = renderer(self.reach.fields)
        groups = {one[0] for item in items if _is_group(item) for one in _of(item)}
        persons = {one for item in items for _, one in _of(item) if one and not _is_group(item)}
        beside = {one[0] for item in items if not _is_group(item) for one in _of(item)}
        await self._load(render, groups, persons, beside)
        shown = groups & self.homes.keys()
        heard = {one for one in persons if one in self.rows}
        if render.says_members:
            heard.update(one["person_id"] for home in shown for one in self.homes[home].members)
        await self._name(render, items, heard)
        at = self.tx.recorded_at.isoformat(timespec="milliseconds").encode()
        said = b",".join([_response(item, self._records(render, item), at) for item in items])
        message = b'{"correlation_id":%b,"search_response":[%b],"transaction_id":%b}' % (
            to_json(correlation_id),
            said,
            to_json(request.transaction_id),
        )
        return Answer(message, len(items), tuple(shown), tuple(heard), _purpose(request))

    async def _name(self, render: Renderer, items: list[_Item], heard: set[UUID]) -> None:
        """Who of those who are heard of is named: in records of persons, and within members."""
        vault = self.around.vault
        if vault is None or not render.says_names:
            return
        if not render.says_names_of_members:
            alone = [item for item in items if item.kind is RecordType.PERSON]
            heard = heard & {person for item in alone for _, person in _of(item) if person}
        self.names |= await names_of(self.tx, vault, heard, self.around.day)

    def _records(self, render: Renderer, item: _Item) -> list[bytes]:
        """Those of an item that may be told of."""
        homes, rows = self.homes, self.rows
        if _is_group(item):
            return [render.group(homes[home]) for home, _ in _of(item) if home in homes]
        make = render.person if item.kind is RecordType.PERSON else render.member
        found_by = _asked_by(item)
        return [
            make(rows[person], homes[home], found_by)
            for home, person in _of(item)
            if home in homes and person in rows
        ]

    async def _load(
        self,
        render: Renderer,
        groups: Collection[UUID],
        persons: set[UUID],
        beside: Collection[UUID],
    ) -> None:
        """The rows of every subject; of households beside a person the address alone."""
        tx, reach, names = self.tx, self.reach, self.around.names
        wanted = {*groups, *beside}
        if not wanted:
            return
        known = await store.households(tx, wanted, reach.communes)
        await names.load(tx, {row["residence"] for row in known.values()})
        lists: Mapping[UUID, Any] = {}
        if groups and render.needs_members:
            lists = await store.members(tx, groups, reach.communes)
        decided = await read_rows(tx, list(groups)) if groups and render.says_status else {}
        for household_id, row in known.items():
            rows, code = decided.get(household_id), row["residence"]
            commune = names.on(code, max(row["registered_on"], row["from_day"]))
            standing = NO_STANDING if rows is None else standing_on(rows, self.around.day)
            address, members = address_of(code, commune), lists.get(household_id, ())
            home = Home(row, commune, address, standing, members, self.names)
            self.homes[household_id] = home
        if missing := persons - self.rows.keys():
            self.rows |= await store.persons(tx, missing, reach.communes)


def _of(item: _Item) -> tuple[Subject, ...]:
    return item.found.subjects


def _is_group(item: _Item) -> bool:
    return item.kind is RecordType.GROUP


def _asked_by(item: _Item) -> bytes:
    """The identifier that a person was found by: no number is held, so it is said back."""
    if item.query is None or not isinstance(item.query.query, Lookup) or item.digest is None:
        return b""
    return records.identifier(item.query.query.type, item.query.query.value) + b","


_FOUND = (
    b'{"data":{"reg_record_type":"%b","reg_records":[%b],"reg_type":"'
    + f'{REGISTRY_TYPE}","version":"{VERSION}'.encode()
    + b'"},"locale":%b,"pagination":{"page_number":%d,"page_size":%d,"total_count":%d},'
    b'"reference_id":%b,"status":"succ","timestamp":"%b"}'
)
_REFUSED = (
    b'{"locale":%b,"reference_id":%b,"status":"rjct","status_reason_code":%b,'
    b'"status_reason_message":%b,"timestamp":"%b"}'
)


def _response(item: _Item, said: list[bytes], at: bytes) -> bytes:
    """One item of the answer, its names in order."""
    reference, locale = to_json(item.asked.reference_id), to_json(item.asked.locale or "eng")
    if item.refusal is not None:
        reason, text = to_json(item.refusal.reason), to_json(item.refusal.text)
        return _REFUSED % (locale, reference, reason, text, at)
    kind, total, (size, number) = item.kind.encode(), item.found.total, item.page
    return _FOUND % (kind, b",".join(said), locale, number, size, total, reference, at)


def _purpose(request: SearchRequest) -> str | None:
    stated = {item.search_criteria.purpose for item in request.search_request}
    words = sorted(one for one in stated if one is not None)
    return " ".join(words)[:_LONGEST_PURPOSE] or None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
