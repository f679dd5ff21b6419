"""What a look at database and queues says of how long something has stood."""

from datetime import UTC, datetime, timedelta

from libs.common.messaging.operations.measure import Horizon, Waiting

NOW = datetime(2022, 1, 4, 3, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_horizon_ages_while_one_transaction_holds_it() -> None:
    horizon = Horizon()
    assert horizon.look(oldest=100, newest=105, now=NOW) == 0
    assert horizon.look(oldest=100, newest=900, now=later(15)) == 15
    assert horizon.look(oldest=100, newest=2000, now=later(310)) == 310


def test_the_horizon_is_young_once_it_moves_or_nobody_writes() -> None:
    horizon = Horizon()
    horizon.look(oldest=100, newest=105, now=NOW)
    assert horizon.look(oldest=104, newest=106, now=later(15)) == 0
    assert horizon.look(oldest=106, newest=106, now=later(30)) == 0
    assert horizon.look(oldest=106, newest=107, now=later(45)) == 0


def test_what_waits_while_nothing_is_finished_grows_older() -> None:
    waiting = Waiting()
    finished = {"credit.referrals": later(-100)}
    assert waiting.look({"credit.referrals": 3}, finished, NOW) == {"credit.referrals": 0}
    assert waiting.look({"credit.referrals": 3}, finished, later(15)) == {"credit.referrals": 15}
    assert waiting.look({"credit.referrals": 9}, {}, later(90)) == {"credit.referrals": 90}


def test_a_consumer_that_gets_on_is_as_far_behind_as_its_last_batch() -> None:
    waiting = Waiting()
    waiting.look({"credit.referrals": 3}, {}, NOW)
    finished = {"credit.referrals": later(58)}
    assert waiting.look({"credit.referrals": 3}, finished, later(60)) == {"credit.referrals": 2}


def test_an_empty_queue_is_not_behind_and_its_clock_begins_anew() -> None:
    waiting = Waiting()
    waiting.look({"credit.referrals": 3}, {}, NOW)
    assert waiting.look({"credit.referrals": 0}, {}, later(15)) == {"credit.referrals": 0}
    assert waiting.look({"credit.referrals": 1}, {}, later(30)) == {"credit.referrals": 0}
