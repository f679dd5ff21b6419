"""What is behind, since when, because of whom: from what the services say, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansinh.ops.reasons import Finding, Kind, find
from ansinh.ops.standings import standings
from libs.common.ids import new_id
from libs.common.messaging.operations.progress import (
    Heads,
    Outbox,
    ParkedReason,
    Queued,
    RefusedRows,
    SetAside,
    Work,
)
from libs.common.messaging.operations.schemas import ProgressOut, ReplayOut
from libs.common.partners.standing import FEED, RECONCILIATION, Partner

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
EMPTY_OUTBOX = Outbox(0, None, 0)
READERS = {
    "eligibility.entitlements": "household",
    "reporting.facts": "household",
    "reporting.timeline": "household",
}


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def said_by(**given: Any) -> ProgressOut:
    """A service with nothing to say but what is given."""
    nothing: dict[str, Any] = {
        "at": NOW,
        "heads": {},
        "cursors": {},
        "counted_at": NOW,
        "recent": {},
        "set_aside": [],
        "outbox": EMPTY_OUTBOX,
        "refused": [],
        "queued": {},
        "work": [],
        "parked": [],
        "partners": [],
        "replays": [],
    }
    return ProgressOut(**{**nothing, **given})


def a_world(
    *, said: int = 10, seen: int = 10, registry: dict[str, Any] | None = None, **eligibility: Any
) -> dict[str, ProgressOut | None]:
    """A registry that has said so much of households, and entitlements that has seen so much."""
    cursors = {reader: {stream: Heads(said, {0: said})} for reader, stream in READERS.items()}
    own = {"eligibility.entitlements": {"household": Heads(seen, {0: seen})}}
    return {
        "registry": said_by(heads={"household": Heads(said, {0: said})}, **(registry or {})),
        "eligibility": said_by(cursors=own, **eligibility),
        "credit": said_by(),
        "reporting": said_by(
            cursors={name: seen for name, seen in cursors.items() if name.startswith("reporting")}
        ),
    }


def work(last_at: datetime, **given: Any) -> list[Work]:
    known = {"last_events": 1, "minute_events": 0, "newest_at": last_at, **given}
    return [Work(consumer="eligibility.entitlements", last_at=last_at, **known)]


def of(findings: list[Finding], who: str) -> Finding:
    [found] = [one for one in findings if one.who == who]
    return found


def test_nothing_is_the_matter_where_all_is_seen() -> None:
    assert find(a_world()) == []


def test_a_service_that_does_not_answer_is_named() -> None:
    found = of(find({**a_world(), "credit": None}), "credit")
    assert found.kind is Kind.UNREACHABLE
    assert found.needs_person


@pytest.mark.parametrize(
    ("case", "last", "recent", "kind"),
    [
        ("it works right now", 2, 0, Kind.WORKING),
        ("it was idle, and the event was only just said", 3_600, 3, Kind.WORKING),
        ("it has taken nothing for long, and older events wait", 3_600, 1, Kind.STANDS_STILL),
        ("it has taken nothing for long, and nothing is new", 3_600, 0, Kind.STANDS_STILL),
    ],
)
def test_who_works_and_who_stands_still(case: str, last: int, recent: int, kind: Kind) -> None:
    world = a_world(
        seen=7, work=work(ago(seconds=last)), registry={"recent": {"household": recent}}
    )
    found = of(find(world), "eligibility.entitlements")
    assert (found.kind, found.count) == (kind, 3), case
    assert found.since == (None if recent == 3 else ago(seconds=last))


def test_a_consumer_that_never_worked_stands_still() -> None:
    found = of(find(a_world(seen=0)), "eligibility.entitlements")
    assert (found.kind, found.count, found.since) == (Kind.STANDS_STILL, 10, None)


def test_what_waits_in_its_queue_is_said() -> None:
    world = a_world(
        seen=7, work=work(ago(hours=1)), queued={"eligibility.entitlements": Queued(3, 0)}
    )
    assert "3 events wait" in of(find(world), "eligibility.entitlements").why.en


def test_an_event_on_the_retry_ladder_needs_nobody_yet() -> None:
    world = a_world(
        seen=9, work=work(ago(hours=1)), queued={"eligibility.entitlements": Queued(1, 0, 1)}
    )
    found = of(find(world), "eligibility.entitlements")
    assert found.kind is Kind.RETRYING
    assert not found.needs_person


def test_counts_older_than_the_last_work_accuse_nobody() -> None:
    """The consumer may have caught up since they were counted."""
    world = a_world(seen=7, work=work(ago(minutes=2)), counted_at=ago(minutes=3))
    assert of(find(world), "eligibility.entitlements").kind is Kind.WORKING


def test_what_was_not_sent_is_the_relays_fault() -> None:
    outbox = Outbox(3, ago(minutes=5), 0, 0, ago(minutes=5))
    findings = find(a_world(seen=7, work=work(ago(minutes=5)), registry={"outbox": outbox}))
    relay, consumer = of(findings, "registry"), of(findings, "eligibility.entitlements")
    assert (relay.kind, relay.count, relay.since) == (Kind.OUTBOX, 3, ago(minutes=5))
    assert (consumer.kind, consumer.count) == (Kind.UPSTREAM, 3)
    assert "outbox of registry" in consumer.why.en
    assert findings[0] is relay, "what needs a person stands first"


def test_a_young_outbox_is_the_ordinary_way_of_things() -> None:
    outbox = Outbox(3, ago(seconds=5), 0, 0, ago(seconds=5))
    assert find(a_world(registry={"outbox": outbox})) == []


def test_what_a_restore_says_again_waits_for_its_replays_and_needs_nobody() -> None:
    outbox = Outbox(3, None, 0, settling=3)
    [found] = find(a_world(registry={"outbox": outbox}))
    assert (found.kind, found.count, found.needs_person) == (Kind.SETTLING, 3, False)


def test_held_rows_are_told_by_type_and_reason() -> None:
    rows = RefusedRows("household.changed.v1", "NO_ROUTE", True, 2, ago(hours=1))
    outbox = Outbox(2, ago(hours=1), 2)
    findings = find(a_world(said=10, seen=8, registry={"refused": [rows], "outbox": outbox}))
    held = of(findings, "registry")
    assert (held.kind, held.count, held.since) == (Kind.HELD, 2, ago(hours=1))
    assert "household.changed.v1: NO_ROUTE" in held.why.en
    assert of(findings, "eligibility.entitlements").kind is Kind.UPSTREAM


def test_rows_that_are_tried_again_need_nobody() -> None:
    rows = RefusedRows("household.changed.v1", "NO_ROUTE", False, 2, ago(hours=1))
    outbox = Outbox(2, ago(hours=1), 0, 2, ago(hours=1))
    [found] = find(a_world(registry={"refused": [rows], "outbox": outbox}))
    assert (found.kind, found.needs_person) == (Kind.RETRYING, False)


def test_whoever_reads_a_service_that_is_behind_waits_for_it() -> None:
    findings = find(a_world(seen=7, work=work(ago(seconds=1))))
    for who, upstream in (
        ("credit.referrals", "eligibility"),
        ("reporting.effects", "credit, eligibility"),
    ):
        found = of(findings, who)
        assert (found.kind, found.needs_person) == (Kind.UPSTREAM, False), who
        assert found.why.en == f"Waits for {upstream}: behind as well.", who


def test_parked_events_are_told_by_reason_and_not_counted_as_behind() -> None:
    parked = [
        ParkedReason("eligibility.entitlements", "UNKNOWN_ENUM", 2, 0, ago(hours=2)),
        ParkedReason("eligibility.entitlements", "DEAD_LETTERED", 1, 0, ago(hours=3)),
    ]
    aside = [SetAside("eligibility.entitlements", "household", 3, 0)]
    world = a_world(seen=7, parked=parked, set_aside=aside, work=work(ago(hours=2)))
    findings = find(world)
    assert {(one.kind, one.count, one.since) for one in findings} == {
        (Kind.PARKED, 2, ago(hours=2)),
        (Kind.PARKED, 1, ago(hours=3)),
    }


def test_what_was_given_up_keeps_nobody_behind() -> None:
    aside = [SetAside("eligibility.entitlements", "household", 0, 3)]
    assert find(a_world(seen=7, set_aside=aside, work=work(ago(hours=2)))) == []


def test_events_on_their_way_to_be_worked_again_need_nobody() -> None:
    parked = [ParkedReason("eligibility.entitlements", "UNKNOWN_ENUM", 0, 2, ago(hours=2))]
    assert find(a_world(parked=parked)) == []


@pytest.mark.parametrize(
    ("road", "kinds"),
    [
        ({"oldest_at": ago(minutes=5), "pending": 3}, []),
        ({"oldest_at": ago(hours=2), "unread": 3}, [Kind.PARTNER]),
        ({"failed": 1, "last_error": "status 500"}, [Kind.PARTNER]),
        ({"state": "paused", "pause": "failing", "oldest_at": ago(minutes=5)}, [Kind.RETRYING]),
        ({"state": "paused", "pause": "failing", "oldest_at": ago(hours=2)}, [Kind.PARTNER]),
        ({"state": "paused", "pause": "gone"}, [Kind.PARTNER]),
        ({"state": "paused", "pause": "operator", "oldest_at": ago(minutes=5)}, []),
        ({"state": "reading", "road": FEED, "unread": 9, "oldest_at": ago(hours=200)}, []),
        (
            {"state": "overdue", "road": RECONCILIATION, "about": "loans 2025-11"},
            [Kind.PARTNER],
        ),
    ],
    ids=str,
)
def test_a_partner_is_told_when_it_is_long_behind_has_gone_or_was_given_up(
    road: dict[str, Any], kinds: list[Kind]
) -> None:
    given: dict[str, Any] = {"partner": "nhcsxh", "road": "a", "state": "active", **road}
    findings = find({**a_world(), "credit": said_by(partners=[Partner(**given)])})
    assert [one.kind for one in findings] == kinds
    assert all(one.who == "nhcsxh" for one in findings)


@pytest.mark.parametrize(
    ("road", "why"),
    [
        ({}, "Slow, or its registration has ended, or the send role of credit does not run."),
        ({"last_error": "status 422"}, "Some it does not take: status 422."),
        (
            {"state": "paused", "pause": "failing", "last_error": "connect"},
            "It takes nothing: connect.",
        ),
        ({"state": "paused", "pause": "operator"}, "An operator has paused it."),
    ],
)
def test_because_of_whom_a_partner_is_behind(road: dict[str, Any], why: str) -> None:
    given: dict[str, Any] = {"partner": "nhcsxh", "road": "a", "state": "active", "pending": 1}
    partner = Partner(**given | {"oldest_at": ago(hours=2)} | road)
    [finding] = find({**a_world(), "credit": said_by(partners=[partner])})
    assert finding.why.en == why


@pytest.mark.parametrize(
    ("state", "age", "tells"),
    [("wanted", 5, False), ("wanted", 300, True), ("running", 300, False)],
)
def test_a_replay_that_nobody_begins_is_told(state: str, age: int, tells: bool) -> None:
    replay = ReplayOut(
        replay_id=new_id(),
        producer="registry",
        consumer="reporting.facts",
        state=state,
        reason="test",
        requested_by="test",
        requested_at=ago(seconds=age),
    )
    findings = find(a_world(registry={"replays": [replay]}))
    assert [one.kind for one in findings] == ([Kind.REPLAY] if tells else [])


def test_what_a_restore_took_is_named_and_keeps_nobody_behind() -> None:
    lost = new_id()
    for who, kind, needs_person in (
        ("registry", Kind.LOST, True),
        ("eligibility", Kind.OWED, False),
    ):
        world = a_world()
        service = world[who]
        assert service is not None
        world[who] = service.model_copy(update={"owed": {"household": [lost]}})
        [found] = find(world)
        assert (found.kind, found.who, found.count) == (kind, who, 1)
        assert found.needs_person == needs_person
        assert str(lost) in found.why.en


def test_versions_are_counted_within_their_generation() -> None:
    """A renewed subject is one version behind, not a million."""
    world = a_world(seen=10, work=work(ago(seconds=2)))
    registry = world["registry"]
    assert registry is not None
    renewed = {"household": Heads(10, {0: 8, 1: 1})}
    world["registry"] = registry.model_copy(update={"heads": renewed})
    assert [one.versions for one in standings(world) if one.behind] == [1, 1, 1]


def test_lag_of_what_was_only_just_said_is_short_after_a_quiet_night() -> None:
    world = a_world(seen=7, work=work(ago(hours=9)), registry={"recent": {"household": 3}})
    [behind] = [one for one in standings(world) if one.consumer == "eligibility.entitlements"]
    assert behind.lag(NOW) == timedelta(seconds=30)


def test_lag_is_the_age_of_the_newest_thing_worked_while_anything_is_missing() -> None:
    world = a_world(seen=7, work=work(ago(seconds=20), newest_at=ago(seconds=90)))
    [behind] = [one for one in standings(world) if one.consumer == "eligibility.entitlements"]
    assert behind.lag(NOW) == timedelta(seconds=90)
    [even] = [one for one in standings(world) if one.consumer == "reporting.facts"]
    assert even.lag(NOW) == timedelta(0)
