"""What subscribers are told: what they asked for, what they may see, in order, until it arrives."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from libs.common.vocabulary import StatusClass
from services.registry.households import acts as households
from tests.integration.dci.asynchronous import (
    ACK,
    Subscriber,
    a_subscribe,
    a_subscription,
    acks,
    an_unsubscribe,
    correlation,
    sending,
    subscriber,
    verify,
)
from tests.integration.dci.conftest import DAY, HERE, NAMED, THERE, Registry, register_dci
from tests.integration.registry.builders import a_household, a_member, decide, stated
from tests.support.receiver import Reply

EVERYBODY = [{"seq_num": 1, "expression1": {
    "attribute_name": "group_size", "operator": "ge", "attribute_value": "0"}}]  # fmt: skip
POOR = {"value": {"expression": {"query": {"poverty_status": {"$in": ["poor", "near_poor"]}}}}}


async def subscribe(partner: Subscriber, *items: dict[str, Any]) -> list[str]:
    """Subscribe to each; answers the codes."""
    request = a_subscribe(*items, sender_uri=partner.uri("on-subscribe"))
    before = len(partner.accepted("on-subscribe"))
    correlation(await partner.registry.post(request, "subscribe"))
    found = (await partner.got("on-subscribe", before + 1))[-1]
    responses = found["message"]["subscribe_response"]
    assert [one["status"] for one in responses] == ["succ"] * len(items), responses
    return [one["subscriptions"][0]["code"] for one in responses]


class Home:
    """A household that officers change."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.body = a_household(a_member(), commune=HERE)

    @property
    def id(self) -> UUID:
        return UUID(self.body["household_id"])

    async def register(self) -> None:
        async with self.registry.database.as_api() as api, api.transaction("*") as tx:
            await households.register(tx, [stated(self.body)], DAY)

    async def change(self, **facts: Any) -> None:
        self.body |= facts
        async with self.registry.database.as_api() as api, api.transaction("*") as tx:
            await households.correct(tx, stated(self.body), DAY, DAY, lambda version: None)

    async def join(self) -> None:
        child = a_member(relation="child", birth_date="2020-01-01", joined_on="2020-01-01")
        await self.change(members=[*self.body["members"], child])

    async def decide(self, status: StatusClass, on: date = date(2022, 1, 1)) -> None:
        commune = self.body["residence"]["commune"]
        await decide(
            self.registry.database,
            [(self.id, status)],
            scope=commune,
            commune=commune,
            effective_on=on,
        )


def kinds(told: Sequence[dict[str, Any]], household: UUID) -> list[str]:
    """What was told of a household, by its versions."""
    return [one["header"]["meta"]["event_type"] for one in _of(told, household)]


def _of(told: Sequence[dict[str, Any]], household: UUID) -> list[dict[str, Any]]:
    """By the versions: two subscriptions do not wait for each other."""
    found = [one for one in told if str(household) in str(_record(one)["group_identifier"])]
    return sorted(found, key=lambda one: int(one["header"]["meta"]["sequence"]))


def _record(told: dict[str, Any]) -> dict[str, Any]:
    [event] = told["message"]["notify_event"]
    found: dict[str, Any] = event["data"]["reg_records"]
    return found


async def test_a_subscriber_is_told_what_it_asked_for_and_may_see(registry: Registry) -> None:
    """Events by the standard's two names or ours; filters before and after; scope at each send."""
    poor, other = Home(registry), Home(registry)
    async with subscriber(registry) as partner, sending(partner):
        await subscribe(partner, a_subscription("REGISTER", EVERYBODY))
        [updates] = await subscribe(partner, a_subscription("UPDATE", POOR))
        await poor.register()
        await other.register()
        await poor.join()  # not poor yet: registered, and nothing else is told
        await poor.decide(StatusClass.POOR)
        await poor.join()
        await poor.decide(StatusClass.NONE, date(2022, 3, 1))
        await poor.join()  # no longer meant
        told = await partner.got("notify", 5)
        assert kinds(told, poor.id) == [
            "REGISTER",
            "vn.poverty.household.status_changed.v1",
            "NewHouseHoldMember",
            "vn.poverty.household.status_changed.v1",
        ]
        assert kinds(told, other.id) == ["REGISTER"]
        for one in told:
            verify(one)
            header, [event] = one["header"], one["message"]["notify_event"]
            assert (header["action"], header["total_count"]) == ("notify", 1)
            kind = header["meta"]["event_type"]
            named = kind if kind in ("REGISTER", "NewHouseHoldMember") else None
            assert event["data"].get("reg_event_type") == named
            assert {"event_type": kind} in event["data"]["reg_records"]["additional_attributes"]
        of_poor = [_record(one) for one in _of(told, poor.id)]
        assert [one["group_size"] for one in of_poor] == [1, 2, 3, 3]
        said = [str(one["additional_attributes"]) for one in of_poor]
        assert ["'poor'" in one for one in said] == [False, True, True, False]
        assert "newly_escaped" in said[3]

        # Scope and fields are those of the moment of sending.
        await register_dci(
            registry.database, fields=("group.poverty_status",), callback_urls=(partner.base,)
        )
        await other.decide(StatusClass.POOR)
        told = await partner.got("notify", 6)
        assert set(_record(told[-1])) == {
            "@context", "@type", "group_identifier", "additional_attributes",
        }  # fmt: skip
        residence = {"commune": THERE, "from_day": "2022-02-01"}
        await other.change(residence=residence)
        told = await partner.got("notify", 7)  # of one: the other's filter asks what it may not
        assert kinds(told[6:], other.id) == ["vn.household.scope_left.v1"]
        assert _record(told[6])["additional_attributes"] == [
            {"event_type": "vn.household.scope_left.v1"}
        ]
        await register_dci(registry.database, callback_urls=(partner.base,))

        # Refused for good: given up, visible, and the next one comes all the same.
        refusals = [acks("ERR", code="err.request.bad")]
        partner.receiver.behaviour = lambda sent: refusals.pop() if refusals else ACK
        await poor.decide(StatusClass.POOR, date(2022, 4, 1))
        await partner.has(1, "failed")
        await poor.decide(StatusClass.NEAR_POOR, date(2022, 5, 1))
        await partner.got("notify", 9)  # the refused one is in the server's count
        assert [one["last_error"] for one in await partner.deliveries("failed")] == ["ack.refused"]

        # A person is kept by our id and never by its number; whom it may not see there is nobody.
        named = [a_subscription("UPDATE", {"type": "UIN", "value": f"TEST-00{n}"}) for n in "129"]
        request = a_subscribe(*named, sender_uri=partner.uri("on-subscribe"))
        for place, one in enumerate(named):
            one["reference_id"] = f"ref-{place}"
        correlation(await registry.post(request, "subscribe"))
        found = (await partner.got("on-subscribe", 3))[-1]["message"]["subscribe_response"]
        assert [one.get("status_reason_code") for one in found] == [
            None, "rjct.person_id.invalid", "rjct.person_id.invalid",
        ]  # fmt: skip
        [kept] = await partner.rows(
            "SELECT criteria FROM dci_subscription WHERE code = $1",
            found[0]["subscriptions"][0]["code"],
        )
        assert kept["criteria"]["filter"] == {"type": "PERSON_ID", "value": str(registry.bearer)}
        await decide(registry.database, [(registry.near, StatusClass.NEAR_POOR)], signed_on=DAY)
        told = await partner.got("notify", 11)  # by the filter on classes as well
        assert kinds(told, registry.near) == ["vn.poverty.household.status_changed.v1"] * 2
        for one in _of(told, registry.near):
            verify(one)
            assert _record(one)["group_head_info"]["demographic_info"]["name"] == NAMED

        # Unsubscribed, it is told nothing more.
        request = an_unsubscribe(updates, sender_uri=partner.uri("on-unsubscribe"))
        correlation(await registry.post(request, "unsubscribe"))
        await partner.got("on-unsubscribe")
        count = len(partner.accepted("notify"))
        await poor.decide(StatusClass.POOR, date(2022, 5, 2))
        third = Home(registry)
        await third.register()
        told = await partner.got("notify", count + 1)
        assert kinds(told[count:], third.id) == ["REGISTER"]
        assert kinds(told[count:], poor.id) == []


ANSWERS = {
    "ack": ACK,
    "error": Reply(503),
    "page": Reply(200, (("Content-Type", "text/html"),), b"<html>"),
    "nothing": Reply(200),
    "later": acks("ERR", code="err.service.unavailable"),
}


def _mixtures() -> list[tuple[list[int], list[str]]]:
    """Acts by household, and answers. They are drawn before anything runs: the sender's own chance
    would disturb Hypothesis's."""
    found = []

    @settings(max_examples=4, deadline=None, database=None, phases=[Phase.generate])
    @given(
        st.lists(st.integers(0, 2), min_size=1, max_size=6),
        st.lists(st.sampled_from(sorted(ANSWERS)), max_size=8),
    )
    def draw(acts: list[int], replies: list[str]) -> None:
        found.append((acts, replies))

    draw()
    return found


async def test_each_household_is_told_in_order_whatever_the_subscriber_does(
    registry: Registry,
) -> None:
    """Any mixture of households' acts and a subscriber's answers: everything arrives, each
    household's changes in the order of its versions, a repetition under the same reference."""
    async with subscriber(registry) as partner, sending(partner):
        await subscribe(partner, a_subscription("ALL", EVERYBODY))
        wanted: dict[str, int] = {}

        async def play(acts: list[int], replies: list[str]) -> None:
            coming = list(replies)
            partner.receiver.behaviour = lambda sent: ANSWERS[coming.pop()] if coming else ACK
            homes = {place: Home(registry) for place in set(acts)}
            for place in acts:
                home = homes[place]
                key = str(home.id)
                await (home.join() if key in wanted else home.register())
                wanted[key] = wanted.get(key, 0) + 1
            await partner.has(sum(wanted.values()), "delivered")

        for acts, replies in _mixtures():
            await play(acts, replies)
        seen: dict[str, list[int]] = defaultdict(list)
        references: dict[tuple[str, int], set[str]] = defaultdict(set)
        for sent in partner.receiver.sent:
            if not sent.path.endswith("notify"):
                continue
            whole = sent.event
            key = _record(whole)["group_identifier"][0]["identifier_value"]
            version = whole["header"]["meta"]["sequence"]
            references[key, version].add(whole["message"]["notify_event"][0]["reference_id"])
            if not seen[key] or seen[key][-1] != version:
                seen[key].append(version)
        assert wanted
        assert seen == {key: list(range(1, count + 1)) for key, count in wanted.items()}
        assert {len(found) for found in references.values()} == {1}
