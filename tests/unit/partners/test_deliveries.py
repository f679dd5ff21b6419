"""What follows from an attempt."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from libs.common.messaging.settings import BackoffSettings
from libs.common.partners.webhooks.domain import health_of, probe_at, settle, wait
from libs.common.partners.webhooks.posting import Answer, judge
from libs.common.partners.webhooks.settings import WebhookSettings
from libs.common.partners.webhooks.store import Claimed

NOW = datetime(2026, 1, 5, tzinfo=UTC)
SETTINGS = WebhookSettings()
FAILED, TAKEN = Answer(500, "status"), Answer(204, None)


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (200, {}, None),
        (202, {"content-type": "application/json"}, None),
        (204, {}, None),
        (201, {"location": "/made/1"}, None),
        (200, {"location": "https://elsewhere.vn"}, "redirect"),
        (200, {"refresh": "0;url=/login"}, "redirect"),
        (200, {"content-type": "text/html; charset=utf-8"}, "page"),
        (301, {"location": "http://127.0.0.1/"}, "redirect"),
        (304, {}, "redirect"),
        (400, {}, "status"),
        (410, {}, "gone"),
        (503, {}, "status"),
        (199, {}, "status"),
    ],
)
def test_a_2xx_of_a_program_accepts_and_nothing_else(
    status: int, headers: dict[str, str], error: str | None
) -> None:
    assert judge(status, httpx.Headers(headers)).error == error


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30.0), ("999999", 3600.0), ("-1", 0.0), ("soon", 0.0), ("", 0.0)]
)
def test_a_wish_to_wait_is_granted_up_to_an_hour(text: str, seconds: float) -> None:
    assert judge(429, httpx.Headers({"retry-after": text})).wait_seconds == seconds


def test_waits_double_up_to_the_most_and_are_spread() -> None:
    settings = BackoffSettings(5, 3600)
    assert [wait(settings, n, 1.0).total_seconds() for n in (1, 2, 3, 20, 10_000)] == [
        5, 10, 20, 3600, 3600,
    ]  # fmt: skip
    assert wait(settings, 1, 0.0).total_seconds() == 2.5


def outcome(answer: Answer | None, *, hours: float, arrived: float | None) -> str:
    """Of a delivery first tried so many hours ago; others arrived that many hours ago."""
    claimed = Claimed(1, 30, NOW - timedelta(hours=hours))
    at = None if arrived is None else NOW - timedelta(hours=arrived)
    return settle(claimed, answer, NOW, SETTINGS, others_arrived_at=at, chance=1.0).state


def test_what_fails_for_three_days_while_others_arrive_is_given_up() -> None:
    assert outcome(FAILED, hours=72, arrived=1) == "failed"
    assert outcome(FAILED, hours=71, arrived=1) == "pending"
    assert outcome(TAKEN, hours=80, arrived=1) == "delivered"


def test_what_a_partner_refuses_for_good_is_given_up_at_once_and_counts_as_a_failure() -> None:
    refused = Answer(200, "ack.refused", is_final=True)
    assert outcome(refused, hours=0, arrived=None) == "failed"
    assert health_of([refused, refused]).failures == 2


def test_while_a_partner_is_away_nothing_is_given_up() -> None:
    assert outcome(FAILED, hours=24 * 30, arrived=None) == "pending"
    assert outcome(FAILED, hours=24 * 30, arrived=24 * 31) == "pending"


def test_what_was_not_tried_costs_no_attempt_and_does_not_wait() -> None:
    found = settle(Claimed(1, 3, NOW), None, NOW, SETTINGS, others_arrived_at=None, chance=0)
    assert (found.state, found.next_at, found.is_unused) == ("pending", NOW, True)


def test_one_acceptance_makes_an_endpoint_well() -> None:
    health = health_of([FAILED, TAKEN, FAILED])
    assert (health.succeeded, health.failures, health.last_status) == (True, 0, 204)
    assert health_of([FAILED, FAILED]).failures == 2
    assert health_of([TAKEN, Answer(410, "gone")]).is_gone


def test_who_said_gone_is_asked_again_after_an_hour_others_sooner() -> None:
    assert probe_at("gone", NOW, NOW, SETTINGS, 1.0) == NOW + timedelta(hours=1)
    away = [timedelta(seconds=one) for one in (0, 5, 10, 20, 3_600)]
    waits = [probe_at("failing", NOW - one, NOW, SETTINGS, 1.0) - NOW for one in away]
    assert [one.total_seconds() for one in waits] == [5, 5, 10, 20, 300]
