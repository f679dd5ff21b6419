"""A partner's requests a second, and when it may ask again."""

import pytest

from libs.common.web.pacing import Guesses, Pace, TooOften


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_second_holds_as_many_requests_as_are_registered() -> None:
    hand = Hand()
    pace = Pace(hand)
    for _ in range(3):
        pace.take("bank", 3, "partner.rate")
    with pytest.raises(TooOften) as refused:
        pace.take("bank", 3, "partner.rate")
    assert refused.value.status == 429
    assert refused.value.headers == {"Retry-After": "1"}
    hand.at += 0.4
    pace.take("bank", 3, "partner.rate")


def test_partners_do_not_share_a_bucket_and_nobody_saves_up_more_than_a_second() -> None:
    hand = Hand()
    pace = Pace(hand)
    pace.take("bank", 1, "partner.rate")
    pace.take("insurer", 1, "partner.rate")
    hand.at += 100
    pace.take("bank", 1, "partner.rate")
    with pytest.raises(TooOften):
        pace.take("bank", 1, "partner.rate")


def test_a_caller_is_wrong_thirty_times_a_minute_and_right_as_often_as_it_likes() -> None:
    hand = Hand()
    guesses = Guesses(hand)
    for _ in range(100):
        guesses.take("officer")
        guesses.give_back("officer")
    for _ in range(Guesses.A_MINUTE):
        guesses.take("officer")
    for refuse in (guesses.take, guesses.require):
        with pytest.raises(TooOften) as refused:
            refuse("officer")
        assert (refused.value.code, refused.value.headers) == (
            "search.misses",
            {"Retry-After": "2"},
        )
    guesses.take("somebody else")
    hand.at += 2
    guesses.take("officer")
