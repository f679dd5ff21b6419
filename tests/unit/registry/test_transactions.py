"""Where answers go, and what is said of a transaction."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from libs.common.dci.words import Action, Reason, Status
from services.registry.transactions.addresses import notify_at, reply_to
from services.registry.transactions.domain import (
    Standing,
    item,
    message,
    outcome_of,
    repeated,
    status_answer,
)

AT = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)
REQUEST, ASKING = UUID(int=1), UUID(int=2)
BASE = "https://bank.vn/dci"


@pytest.mark.parametrize(
    ("sender_uri", "answer", "address"),
    [
        ("https://bank.vn/dci/registry/on-search", Action.ON_SEARCH, "the same"),
        ("https://bank.vn/dci", Action.ON_SEARCH, "the same"),
        (None, Action.ON_SEARCH, "https://bank.vn/dci/on-search"),
        (None, Action.TXN_ON_STATUS, "https://bank.vn/dci/txn/on-status"),
        ("https://bank.vn.evil.example/dci/on-search", Action.ON_SEARCH, None),
        ("https://bank.vn@evil.example/dci/on-search", Action.ON_SEARCH, None),
        ("https://evil.example/https://bank.vn/dci", Action.ON_SEARCH, None),
        ("http://bank.vn/dci/on-search", Action.ON_SEARCH, None),
        ("https://bank.vn:8443/dci/on-search", Action.ON_SEARCH, None),
        ("https://bank.vn/dcix", Action.ON_SEARCH, None),
        ("https://bank.vn/dci/../admin", Action.ON_SEARCH, None),
        ("https://bank.vn/dci/%2e%2e/admin", Action.ON_SEARCH, None),
        ("https://bank.vn:port/dci", Action.ON_SEARCH, None),
    ],
)
def test_an_answer_goes_where_the_registration_lets_it(
    sender_uri: str | None, answer: Action, address: str | None
) -> None:
    wanted = sender_uri if address == "the same" else address
    assert reply_to(sender_uri, [BASE], answer) == wanted


def test_without_a_registered_address_nothing_is_sent_anywhere() -> None:
    assert reply_to("https://bank.vn/dci", [], Action.ON_SEARCH) is None
    assert reply_to(None, [], Action.ON_SEARCH) is None


def test_notifications_go_beside_the_answers() -> None:
    assert notify_at("https://bank.vn/r/on-subscribe") == "https://bank.vn/r/notify"
    assert notify_at("https://bank.vn") == "https://bank.vn/notify"


def test_a_whole_is_rejected_only_where_each_of_its_items_is() -> None:
    good, bad = item("a", AT), item("b", AT, Status.REJECTED, Reason.CRITERIA, "x" * 2_000)
    assert outcome_of([good, bad]).status is Status.SUCCEEDED
    assert outcome_of([bad]).status is Status.REJECTED
    assert outcome_of([]).status is Status.SUCCEEDED
    assert len(bad["status_reason_message"]) == 999


def test_an_answer_names_both_ids_and_its_items() -> None:
    found = message(Action.SEARCH, "txn", REQUEST, [item("a", AT)], {})
    assert (found["transaction_id"], found["correlation_id"]) == ("txn", str(REQUEST))
    assert [one["reference_id"] for one in found["search_response"]] == ["a"]


def test_a_reference_that_stands_there_twice_is_known_by_its_later_place() -> None:
    assert repeated(["a", "b", "a", "c", "a"]) == {2, 4}


def asked(txn_type: str = "search") -> dict[str, object]:
    return {
        "reference_id": "r",
        "txn_type": txn_type,
        "attribute_type": "transaction_id",
        "attribute_value": "txn-1",
    }


def standing(status: Status, *items: dict[str, object]) -> Standing:
    return Standing(REQUEST, "txn-1", Action.SEARCH, status, ["a", "b"], items, AT)


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.PENDING])
def test_before_it_is_worked_each_item_stands_as_the_whole(status: Status) -> None:
    said = status_answer(asked(), "txn-2", ASKING, standing(status), AT)
    found = said["txnstatus_response"]["txn_status"]
    assert found["correlation_id"] == str(REQUEST)
    assert [one["status"] for one in found["search_response"]] == [status.value, status.value]


def test_once_worked_each_item_has_its_own_status() -> None:
    items = item("a", AT), item("b", AT, Status.REJECTED, Reason.SORT)
    said = status_answer(asked(), "txn-2", ASKING, standing(Status.SUCCEEDED, *items), AT)
    found = said["txnstatus_response"]["txn_status"]["search_response"]
    assert [one["status"] for one in found] == ["succ", "rjct"]


def test_an_unknown_transaction_is_one_rejected_item_and_tells_nothing_else() -> None:
    said = status_answer(asked(), "txn-2", ASKING, None, AT)["txnstatus_response"]
    [found] = said["txn_status"]["search_response"]
    assert (found["status"], found["status_reason_code"]) == ("rjct", "rjct.reference_id.invalid")
    assert said["txn_status"]["transaction_id"] == "txn-2"  # its own: nothing of any other
