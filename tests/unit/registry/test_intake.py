"""A message of another registry is known again, however its sender writes it anew."""

from typing import Any

import pytest
from pydantic import ValidationError

from libs.common.dci.words import Action
from services.registry.intake.domain import split
from services.registry.intake.schemas import MODELS

AT, LATER = "2026-01-15T09:30:00+07:00", "2026-01-15T10:30:00+07:00"


def answer(at: str = AT, status: str = "succ") -> dict[str, Any]:
    return {
        "transaction_id": "t",
        "correlation_id": "c",
        "search_response": [{"reference_id": "r", "timestamp": at, "status": status}],
    }


def test_an_answer_that_is_sent_again_has_the_same_key() -> None:
    [(first, _)] = split(Action.ON_SEARCH, "m1", answer())
    [(again, _)] = split(Action.ON_SEARCH, "m2", answer(LATER))
    [(other, _)] = split(Action.ON_SEARCH, "m3", answer(status="rjct"))
    assert first == again != other


def test_each_event_of_a_notification_is_kept_by_its_own_reference() -> None:
    events = [{"reference_id": one, "timestamp": AT} for one in ("e1", "e2", "e1")]
    parts = split(Action.NOTIFY, "m", {"transaction_id": "t", "notify_event": events})
    assert [key for key, _ in parts] == ["e1", "e2"]
    assert all(len(part["notify_event"]) == 1 for _, part in parts)


def test_a_rejection_without_a_message_is_kept_by_its_header() -> None:
    assert split(Action.ON_SEARCH, "m", None) == [("m", {})]


def event(**changed: Any) -> dict[str, Any]:
    data = {"reg_record_type": "Group", "reg_records": {"@type": "Group"}}
    return {"reference_id": "e", "timestamp": AT, "data": data} | changed


LISTED = {"reg_record_type": "Group", "reg_records": [{}], "reg_event_type": "DEREGISTER"}
MISSPELT = {name: value for name, value in event(timesatmp=AT).items() if name != "timestamp"}
OPENIMIS = event(data=None, reg_record={}, event_type="CHANGED")


@pytest.mark.parametrize(
    "message",
    [
        {"transaction_id": "t", "notify_event": [event()]},
        {"transaction_id": "t", "notify_event": [event(data=LISTED)]},
        {"transaction_id": "t", "notify_event": [MISSPELT]},
        {"transaction_id": "t", "notify_request": [OPENIMIS]},
    ],
)
def test_peers_ways_of_notifying_are_understood(message: dict[str, Any]) -> None:
    MODELS[Action.NOTIFY].model_validate(message)
    assert [key for key, _ in split(Action.NOTIFY, "m", message)] == ["e"]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"transaction_id": "t", "notify_event": []},
        {"transaction_id": "t", "notify_event": [event(data=None)]},
        {"transaction_id": "t" * 100, "notify_event": [event()]},
        {"transaction_id": "t", "notify_event": [event(timestamp="2026-01-15T09:30:00")]},
    ],
)
def test_what_says_nothing_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MODELS[Action.NOTIFY].model_validate(message)
