"""One small world per service: a poor household HERE and one THERE, made by the real code."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from uuid import UUID

import httpx

from libs.common.areas import store as areas
from libs.common.clock import FixedDayClock
from libs.common.contracts.entitlement import EntitlementData
from libs.common.contracts.household import HouseholdData
from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.partners.reconciling import store as reconciliations
from libs.common.partners.reconciling.work import compare
from libs.common.service import Service
from libs.common.vocabulary import AreaKind, CardReason, CardState, Relation, StatusClass
from services.eligibility.cards.domain import Answer, Line
from services.eligibility.cards.recording import record_answers
from services.eligibility.entitlements.handlers import on_household as decide_rights
from services.eligibility.insurance.handlers import on_entitlements as draw_up_roll
from services.eligibility.sweeps.store import set_law_day_if_absent
from services.eligibility.training.handlers import on_entitlements as draw_up_offers
from services.registry.duplicates.acts import Proposal, propose
from services.registry.duplicates.domain import Step
from services.registry.duplicates.work import compare_next
from services.registry.reorganisations import acts as reorganisations
from services.registry.reorganisations import answering
from services.registry.reorganisations.store import Route, Stored, insert, insert_routes
from services.registry.rights.acts import receive
from services.registry.rights.domain import AskedBy, Request, RequestKind
from services.registry.vault import acts as vault
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType
from services.reporting.effects.handlers import on_effect
from services.reporting.facts.handlers import on_household as keep_facts
from services.reporting.timeline.handlers import on_event
from tests.integration.credit.builders import (
    a_group,
    a_plan,
    entitled,
    hand_over,
    open_two_loans,
    referrals,
)
from tests.integration.credit.needs import apply, list_needs, send_need
from tests.integration.registry.builders import decide, load_communes, register
from tests.support import eligibility, reporting
from tests.support.areas import pac_nam
from tests.support.changes import ask_for_changes
from tests.support.edge import open_client
from tests.support.imports import send_imports
from tests.support.partners import PARTNER_SETTINGS, register_tester
from tests.support.reporting import START
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

HERE, THERE = "01882", "01864"
MERGED = "01873"  # with the old 01882 it became the new one
DAY = date(2022, 6, 1)
NEW_YEAR = date(2022, 1, 1)


@dataclass(frozen=True)
class Place:
    """What a commune holds in one service: ids, where the service has them."""

    commune: str
    household: UUID
    person: UUID
    decision: UUID | None = None
    data_request: UUID | None = None  # of `person`, to limit the use of its data
    other_data_request: UUID | None = None
    pair: UUID | None = None  # `twin`, of another household, looks like `person`
    proposed_pair: UUID | None = None  # their heads, told apart by somebody; waits for another
    twin: UUID | None = None
    head: UUID | None = None  # of `household`, whose child `person` is
    referral: UUID | None = None
    need: UUID | None = None  # listed on `need_list`, of `referral`
    need_list: UUID | None = None
    other_referral: UUID | None = None  # without a need; `other_need` is an id for one
    other_need: UUID | None = None
    loan: UUID | None = None
    second_loan: UUID | None = None
    group: UUID | None = None
    sent_household: UUID | None = None  # of `sent_referral`, whose need is with the bank
    sent_referral: UUID | None = None
    reorganisation: UUID | None = None  # entered by somebody else; of the reform of 2025
    done_reorganisation: UUID | None = None  # asks about `household`, has moved `moved_household`
    moved_household: UUID | None = None
    answer: UUID | None = None  # about `household`: waits to be confirmed
    more_answers: tuple[UUID, ...] = ()  # two more, to be refused
    open_import: UUID | None = None  # still being sent
    checked_import: UUID | None = None  # names the household
    asked_household: UUID | None = None  # of `changes`: open requests, by what becomes of them
    changes: Mapping[str, UUID] = field(default_factory=dict)
    reconciliation: UUID | None = None  # done: all of the partner's is missing at the partner


@dataclass(frozen=True)
class World:
    service: Service
    database: ServiceDatabase
    here: Place
    there: Place

    def client(self, day: date = DAY) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return open_client(
            self.service, self.database, clock=FixedDayClock(day), partners=PARTNER_SETTINGS
        )


async def a_world(name: str, database: ServiceDatabase) -> World:
    """The service with every common route, and a database that holds both places."""
    service = on_common_floor(import_module(f"services.{name}.app").build())
    if name == "registry":
        await load_communes(database)
    else:
        async with database.as_worker() as connections, connections.transaction() as tx:
            await areas.keep(tx, ((1, unit) for unit in pac_nam()))
    here, there = [await _SEEDS[name](database, commune) for commune in (HERE, THERE)]
    if service.partners is not None:
        await register_tester(database, name)
    if service.reconciles:
        here, there = [await _reconciled(name, database, place) for place in (here, there)]
    return World(service, database, here, there)


async def _registry(database: ServiceDatabase, commune: str) -> Place:
    household, alike, moved, asking = await register(database, 4, commune=commune)
    rows: list[tuple[UUID, StatusClass | None]] = [(household, StatusClass.POOR)]
    outcome = await decide(database, rows, scope=commune, commune=commune)
    name, head = {
        HERE: ("Lý Thị Mai", "Bế Thị Sen"),
        THERE: ("Vàng A Say", "Giàng Thị Dở"),
    }[commune]
    async with database.as_worker() as connections, connections.transaction() as tx:
        people = {
            (row["household_id"], row["relation"]): row["person_id"]
            for row in await tx.fetch(
                "SELECT household_id, person_id, relation FROM member "
                "WHERE household_id = ANY($1::uuid[])",
                [household, alike, asking],
            )
        }
        person, twin = people[household, "child"], people[alike, "child"]
        number = {IdentifierType.NIN: f"0951{commune}"}
        named = [
            PersonIdentity(person, household, DAY, name, number),
            PersonIdentity(twin, alike, DAY, name),
            PersonIdentity(people[household, "head"], household, DAY, head),
            PersonIdentity(people[alike, "head"], alike, DAY, head),
        ]
        await vault.record(tx, VAULT, named)
        await compare_next(tx, VAULT)
        pairs = {
            row["one"]: row["pair_id"]
            for row in await tx.fetch(
                "SELECT pair_id, one FROM duplicate_pair WHERE one = ANY($1::uuid[])",
                list(people.values()),
            )
        }
    pair, heads = [
        pairs[min(people[household, who], people[alike, who])] for who in ("child", "head")
    ]
    async with database.as_api() as connections, connections.transaction(commune) as tx:
        stated = Proposal(Step.PROPOSE_DIFFERENT, "CCCD")
        await propose(tx, heads, stated, "somebody", DAY)
    asked = [
        Request(
            new_id(),
            household,
            person,
            RequestKind.OBJECTION,
            AskedBy.REPRESENTATIVE,
            NEW_YEAR,
            "credit",
            "01/2022",
            with_others=False,
        )
        for _ in range(2)
    ]
    async with database.as_api() as connections, connections.transaction(commune) as tx:
        for request in asked:
            await receive(tx, request, "tester", DAY)
    decision = outcome.decision.document.decision_id
    done = await _done(database, commune, moved)
    sent, checked = await send_imports(database, commune, household, DAY)
    return Place(
        commune,
        household,
        person,
        decision,
        data_request=asked[0].request_id,
        other_data_request=asked[1].request_id,
        pair=pair,
        proposed_pair=heads,
        twin=twin,
        head=people[household, "head"],
        reorganisation=await _entered(database, commune),
        done_reorganisation=done,
        answer=await _answered(database, commune, done, household),
        more_answers=(
            await _answered(database, commune, done, household),
            await _answered(database, commune, done, household),
        ),
        moved_household=moved,
        asked_household=asking,
        changes=await ask_for_changes(database, commune, asking, people[asking, "child"]),
        open_import=sent,
        checked_import=checked,
    )


def a_file(commune: str) -> bytes:
    """What the reform of 2025 did to the commune."""
    return f"Cấp,Mã cũ,Mã mới\nxã,{commune},{commune}\n".encode()


async def _entered(database: ServiceDatabase, commune: str) -> UUID:
    head = reorganisations.Head(date(2025, 7, 1), "NQ", NEW_YEAR)
    async with database.as_api() as connections, connections.transaction(commune) as tx:
        content = a_file(commune)
        new = await reorganisations.enter(tx, head, content, "somebody", new_id(), DAY)
    return new.reorganisation_id


async def _done(database: ServiceDatabase, commune: str, moved: UUID) -> UUID:
    """One that divided the commune, and made it a ward of which one household is known to be."""
    in_force = date(2022, 5, 1)
    new = Stored(new_id(), in_force, "NQ", NEW_YEAR, "done", [commune], 1, "x", new_id(), START)
    way = Route(
        place=0,
        code=commune,
        valid_from=date(2004, 7, 8),
        valid_until=in_force,
        kind=AreaKind.RURAL_COMMUNE,
        to_code=commune,
        to_kind=AreaKind.WARD,
        villages=(),
        is_asked=True,
    )
    async with database.as_api() as connections, connections.transaction(commune) as tx:
        await insert(tx, new)
        await insert_routes(tx, new.reorganisation_id, [way])
        await reorganisations.move(tx, new, [way], [moved], commune)
    return new.reorganisation_id


async def _answered(database: ServiceDatabase, commune: str, done: UUID, asked: UUID) -> UUID:
    """That a household lives where it lives, in somebody's words; it waits to be confirmed."""
    async with database.as_api() as connections, connections.transaction(commune) as tx:
        given = await answering.ask(tx, done, commune, None, [asked], commune, "somebody")
    return given.answer_id


def _household(commune: str) -> HouseholdData:
    return eligibility.a_household(
        eligibility.a_status(StatusClass.POOR),
        area=eligibility.an_area(commune),
        members=(eligibility.a_member(date(1990, 3, 3), Relation.HEAD, ethnicity="tay"),),
    )


async def _eligibility(database: ServiceDatabase, commune: str) -> Place:
    household = _household(commune)
    async with database.as_worker(FixedDayClock(DAY)) as connections:
        async with connections.transaction() as tx:
            await set_law_day_if_absent(tx, DAY)
        await eligibility.deliver(connections, decide_rights, eligibility.received(household))
        said = await eligibility.said(connections, "entitlement", household.household_id)
        rights = EntitlementData.model_validate(said[-1]["data"])
        for handler in (draw_up_roll, draw_up_offers):
            await eligibility.deliver(connections, handler, eligibility.received(rights))
    place = Place(commune, household.household_id, household.members[0].person_id)
    line = Line(place.household, place.person, "HN", NEW_YEAR)
    answer = Answer(line, None, 1, 1, CardState.REJECTED, DAY, reason=CardReason.OTHER_GROUP)
    async with database.as_api() as connections, connections.transaction(commune) as tx:
        (verdict,) = await record_answers(tx, [answer], today=DAY, recorded_by="tester")
    assert verdict.problem is None, verdict.problem.errors
    return place


async def _credit(database: ServiceDatabase, commune: str) -> Place:
    household, other, sent = new_id(), new_id(), new_id()
    async with database.as_worker(FixedDayClock(DAY)) as connections:
        poor = ("credit.01", NEW_YEAR, None)
        await hand_over(
            connections,
            entitled(household, poor, commune=commune),
            entitled(other, poor, commune=commune),
            entitled(sent, poor, commune=commune),
        )
        async with connections.transaction() as tx:
            [row] = await referrals(tx, household)
            [beside] = await referrals(tx, other)
            [third] = await referrals(tx, sent)
            # Of another programme: they leave the limit of the referral's own untouched.
            first, second = await open_two_loans(tx, household, commune, programme="19")
    need, need_list = new_id(), new_id()
    async with (
        database.as_api(FixedDayClock(DAY)) as connections,
        connections.transaction(commune) as tx,
    ):
        await apply(tx, need, row["referral_id"])
        await list_needs(tx, need_list, commune, need)
        await send_need(tx, third["referral_id"], commune)
        group = await a_group(tx, household, commune)
        await a_plan(tx, commune)
    return Place(
        commune,
        household,
        household,
        referral=row["referral_id"],
        need=need,
        need_list=need_list,
        other_referral=beside["referral_id"],
        other_need=new_id(),
        loan=first,
        second_loan=second,
        group=group,
        sent_household=sent,
        sent_referral=third["referral_id"],
    )


async def _reporting(database: ServiceDatabase, commune: str) -> Place:
    household = reporting.a_household(
        commune, statuses=[(StatusClass.POOR, NEW_YEAR, None)], area=reporting.an_area(commune)
    )
    rights = eligibility.entitlements_of(
        household.household_id,
        eligibility.an_entitlement("credit.01", household.household_id),
        area=household.area,
    )
    said = reporting.received(rights, event_type="entitlement.changed.v1")
    async with database.as_worker(FixedDayClock(DAY)) as connections:
        for handler in (keep_facts, on_event):
            await eligibility.deliver(connections, handler, reporting.received(household))
        for handler in (on_effect, on_event):
            await eligibility.deliver(connections, handler, said)
    return Place(commune, household.household_id, household.members[0].person_id)


async def _reconciled(name: str, database: ServiceDatabase, place: Place) -> Place:
    """With an empty list laid beside the place's."""
    lists = import_module(f"services.{name}.reconciling.store").LISTS
    listing = lists[{"credit": "referrals", "eligibility": "roll"}[name]]
    made, columns = new_id(), ["household_id", "commune"]
    async with database.as_api() as connections, connections.transaction() as tx:
        scope = (columns, None, [place.commune])
        await reconciliations.insert(
            tx, made, "tester", 1, listing.name, DAY, *scope, "tester", is_whole=False
        )
        await reconciliations.close(tx, made, 0, 0)
    async with database.as_worker() as connections:
        await compare(connections, lists)
    return replace(place, reconciliation=made)


_SEEDS = {
    "registry": _registry,
    "eligibility": _eligibility,
    "credit": _credit,
    "reporting": _reporting,
}
