"""Any interleaving and repetition of versions ends in the state of the in-order run."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.common.contracts.envelope import Received
from libs.common.messaging.consumer import Shape
from libs.common.messaging.inbox import Key
from libs.common.messaging.versions import choose

SUBJECTS = [UUID(int=number) for number in range(3)]
NOW = datetime(2026, 1, 1, tzinfo=UTC)

# (subject, version), in batches; repeated and in any order.
DELIVERIES = st.lists(
    st.lists(st.tuples(st.sampled_from(SUBJECTS), st.integers(1, 6)), max_size=8), max_size=8
)


def _event(subject: UUID, version: int) -> Received[Any]:
    event_id = UUID(int=subject.int * 1000 + version + 1)
    return Received(
        event_id, "area.changed.v1", "area", subject, version, NOW, NOW, event_id, None, None, None
    )


class Model:
    """Inbox, cursor and both shapes of handler, as the database keeps them."""

    def __init__(self) -> None:
        self.received: set[UUID] = set()
        self.cursor: dict[Key, int] = {}
        self.latest: dict[UUID, int] = {}
        self.all: list[tuple[UUID, int]] = []

    def deliver(self, shape: Shape, batch: list[tuple[UUID, int]]) -> None:
        unique = {event.event_id: event for event in (_event(*entry) for entry in batch)}
        fresh = [event for key, event in unique.items() if key not in self.received]
        self.received |= set(unique)
        previous: dict[Key, int] = {}
        for event in fresh:
            key = (event.stream, event.subject)
            previous.setdefault(key, self.cursor.get(key, 0))
            self.cursor[key] = max(self.cursor.get(key, 0), event.version)
        chosen = choose(shape, fresh, previous)
        assert len(chosen.events) <= len(fresh)
        for event in chosen.events:
            if shape is Shape.LATEST_WINS:
                self.latest[event.subject] = event.version
            else:
                self.all.append((event.subject, event.version))


@given(DELIVERIES)
def test_latest_wins_ends_at_the_highest_version(
    deliveries: list[list[tuple[UUID, int]]],
) -> None:
    model = Model()
    for batch in deliveries:
        model.deliver(Shape.LATEST_WINS, batch)
    said = [entry for batch in deliveries for entry in batch]
    assert model.latest == {
        subject: max(version for other, version in said if other == subject)
        for subject in {subject for subject, _ in said}
    }


@given(DELIVERIES)
def test_set_insert_holds_every_version_once(deliveries: list[list[tuple[UUID, int]]]) -> None:
    model = Model()
    for batch in deliveries:
        model.deliver(Shape.SET_INSERT, batch)
    assert sorted(model.all) == sorted({entry for batch in deliveries for entry in batch})


@given(DELIVERIES)
def test_latest_wins_never_hands_on_two_versions_of_a_subject(
    deliveries: list[list[tuple[UUID, int]]],
) -> None:
    for batch in deliveries:
        fresh = [_event(*entry) for entry in dict.fromkeys(batch)]
        previous = {(event.stream, event.subject): 2 for event in fresh}
        chosen = choose(Shape.LATEST_WINS, fresh, previous)
        assert len({event.subject for event in chosen.events}) == len(chosen.events)
        assert len(chosen.events) + chosen.stale + chosen.superseded == len(fresh)
