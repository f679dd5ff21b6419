"""A consumer is alive while all its loops receive and no batch stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.clock import SystemClock
from libs.common.messaging.pulse import Lane, Pulse
from libs.common.messaging.settings import ConsumeSettings

SETTINGS = ConsumeSettings()


@pytest.fixture
def pulse() -> Pulse:
    return Pulse("credit.referrals", SystemClock())


@pytest.fixture
def lane(pulse: Pulse) -> Iterator[Lane]:
    with pulse.lane(SETTINGS) as made:
        yield made


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def test_a_consumer_without_loops_is_not_alive(pulse: Pulse) -> None:
    assert not pulse.is_alive()
    with pulse.lane(SETTINGS) as lane:
        lane.receives(True)
        assert pulse.is_alive()
    assert not pulse.is_alive()


def test_it_is_alive_once_it_receives(pulse: Pulse, lane: Lane) -> None:
    assert not pulse.is_alive()
    lane.receives(True)
    assert pulse.is_alive()
    lane.receives(False)
    assert not pulse.is_alive()


def test_a_queue_that_knows_no_consumer_is_no_life(pulse: Pulse, lane: Lane) -> None:
    lane.receives(True)
    lane.has_queue = False
    assert not pulse.is_alive()


def test_one_loop_that_stands_still_is_enough(pulse: Pulse, lane: Lane) -> None:
    lane.receives(True)
    with pulse.lane(ConsumeSettings(stuck_seconds=0)) as other:
        other.receives(True)
        assert pulse.is_alive()
        other.begin(None)
        assert not pulse.is_alive()
        other.end()
        assert pulse.is_alive()


def test_a_batch_in_work_is_behind_and_grows_older(lane: Lane) -> None:
    lane.receives(True)
    assert lane.lag() == 0
    lane.begin(long_ago())
    assert (lane.lag() or 0) >= 3600
    lane.end()
    assert (lane.lag() or 0) >= 3600  # the last batch's, for whoever looks next


def test_a_loop_that_does_not_receive_cannot_say_what_waits(lane: Lane) -> None:
    lane.receives(False)
    assert lane.lag() is None
