"""What is answered later: kept with its Ack, worked once, told until it has arrived.

The scenarios of the public conformance suite stand at the test that keeps them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from libs.common.dci import partners as dci_partners
from libs.common.dci.words import Scope
from libs.common.security.roles import Role
from services.registry.transactions import store, work
from tests.integration.dci.asynchronous import (
    CLOCK,
    Subscriber,
    acks,
    sending,
    subscriber,
    verify,
)
from tests.integration.dci.conftest import ROOT, SETTINGS, TOKEN, Registry, register_dci
from tests.support.dci import (
    OUR_ID,
    THEIR_ID,
    THEIRS,
    a_header,
    a_search,
    an_item,
    signed,
)
from tests.support.edge import bearer
from tests.support.receiver import Reply

NOW = datetime.now(UTC).isoformat()
UIN = {"type": "UIN", "value": "TEST-001"}
EXPRESSION = {
    "type": "ns:org:QueryType:expression",
    "value": {"expression": {"collection": "Group", "query": {"group_size": {"$lt": 5}}}},
}
PREDICATE = [
    {
        "seq_num": 1,
        "expression1": {"attribute_name": "age", "operator": "lt", "attribute_value": "25"},
        "condition": "and",
        "expression2": {
            "attribute_name": "group_size",
            "operator": "ge",
            "attribute_value": "1",
        },
    }
]
Message = dict[str, Any]


def envelope(action: str, message: Message, count: int = 1, **header: Any) -> Message:
    return {"header": a_header(action, total_count=count, **header), "message": message}


def a_subscription(event: str = "UPDATE", given: Any = EXPRESSION, **changed: Any) -> Message:
    """One item of a subscribe request."""
    criteria = {"reg_event_type": event, "filter": given, "notify_record_type": "Group"}
    return {
        "reference_id": f"ref-{event}",
        "timestamp": NOW,
        "subscribe_criteria": criteria | changed,
    }


def a_subscribe(*items: Message, **header: Any) -> Message:
    message = {"transaction_id": "txn-sub", "subscribe_request": list(items)}
    return envelope("subscribe", message, len(items), **header)


def an_unsubscribe(*codes: str, **header: Any) -> Message:
    message = {"transaction_id": "txn-un", "timestamp": NOW, "subscription_codes": list(codes)}
    return envelope("unsubscribe", message, len(codes), **header)


def a_status(value: Any, attribute: str = "transaction_id", **header: Any) -> Message:
    asked = {
        "reference_id": "ref-st",
        "txn_type": "search",
        "attribute_type": attribute,
        "attribute_value": value,
    }
    message = {"transaction_id": "txn-st", "txnstatus_request": asked}
    return envelope("txn-status", message, **header)


def correlation(answer: httpx.Response) -> str:
    """Of an Ack that says that the answer follows."""
    assert answer.status_code in (200, 202), answer.text
    message = answer.json()["message"]
    assert message["ack_status"] == "ACK", message
    assert set(message) == {"ack_status", "timestamp", "correlation_id"}
    return str(message["correlation_id"])


def is_refused(answer: httpx.Response) -> bool:
    """By a 4xx in the standard's shape, or an Ack ERR."""
    body = answer.json()
    if answer.status_code >= 400:
        return bool(body["errors"]) and all({"code", "message"} <= set(e) for e in body["errors"])
    return bool(body["message"]["ack_status"] == "ERR" and body["message"]["error"]["code"])


async def states(registry: Registry, value: Any, attribute: str = "transaction_id") -> list[str]:
    """What the road that answers at once says of a search."""
    answer = await registry.post(a_status(value, attribute), "sync/txn/status")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["header"]["action"] == "txn-on-status"
    verify(body)
    items: Sequence[Message] = body["message"]["txnstatus_response"]["txn_status"][
        "search_response"
    ]
    return [one["status"] for one in items]


async def test_what_was_acknowledged_is_answered_whatever_dies_between(registry: Registry) -> None:
    """SR-CORE-RG-ASYNC-SEARCH-01, -CB-01, -EXPRESSION-01, -PREDICATE-01;
    SR-CORE-RG-ASYNC-SUBSCRIBE-01, -CB-01; -UNSUBSCRIBE-01, -CB-01; -TXNSTATUS-01, -CB-01;
    SR-CORE-RG-SYNC-TXNSTATUS-01; DCI-VAL-FMT-TS-02, -LOC-01, -BND-TXN-01, -REF-01, -SUB-01;
    DCI-CORE-PAG-01, -03.
    """
    async with subscriber(registry) as partner:
        # Before anything works, it is received.
        items = [an_item(UIN), an_item(EXPRESSION, "expression")]
        items += [an_item(PREDICATE, "predicate", pagination={"page_size": 10, "page_number": 2})]
        items += [an_item({"q": "x"}, "graphql")]
        items[0] |= {"reference_id": "r" * 50, "locale": "vie"}
        search = a_search(*items, sender_uri=partner.uri("on-search"))
        search["message"]["transaction_id"] = txn = "t" * 99
        asked = correlation(await registry.post(search, "search"))
        assert await states(registry, txn) == ["rcvd"] * 4
        # A process takes it up and dies.
        async with partner.worker.transaction() as tx:
            assert str(await store.begin(tx)) == asked
        assert await states(registry, asked, "correlation_id") == ["pdng"] * 4
        # Another dies once everything is worked, right before the end.
        try:
            async with partner.worker.transaction() as tx:
                await work.work(tx, UUID(asked), SETTINGS.dci, CLOCK.today())
                raise RuntimeError("killed")
        except RuntimeError:
            pass
        assert await states(registry, ["r" * 50], "reference_id_list") == ["pdng"] * 4

        refusals = [Reply(500), Reply(200), acks("ERR", code="err.service.unavailable"), Reply(302)]
        partner.receiver.behaviour = lambda sent: refusals.pop() if refusals else acks("NACK")
        async with sending(partner):
            await partner.becomes(
                "SELECT string_agg(state, ' ') FROM webhook_delivery", "delivered"
            )
            found = partner.accepted("on-search")[-1]
            _check_callback(found, "on-search", txn, asked)
            responses = found["message"]["search_response"]
            given = [one["reference_id"] for one in search["message"]["search_request"]]
            assert [one["reference_id"] for one in responses] == given
            assert [one["status"] for one in responses] == ["succ", "succ", "succ", "rjct"]
            assert await states(registry, txn) == ["succ", "succ", "succ", "rjct"]
            assert str(registry.near) in str(responses[0]["data"])
            assert str(registry.far) not in str(found)
            attempts = [one.event for one in partner.receiver.sent]
            assert len({one["header"]["message_id"] for one in attempts}) == len(attempts) == 5
            assert len({one["message"]["correlation_id"] for one in attempts}) == 1

            subscribe = a_subscribe(a_subscription(), sender_uri=partner.uri("on-subscribe"))
            asked = correlation(await registry.post(subscribe, "subscribe"))
            [found] = await partner.got("on-subscribe")
            _check_callback(found, "on-subscribe", "txn-sub", asked)
            [response] = found["message"]["subscribe_response"]
            [subscription] = response["subscriptions"]
            assert response["status"] == "succ"
            assert subscription["status"] == "subscribe"
            assert len(subscription["code"]) <= 99

            codes = (subscription["code"], "c" * 99)
            for wanted, given in (("rjct", codes), ("succ", codes[:1]), ("rjct", codes[:1])):
                request = an_unsubscribe(*given, sender_uri=partner.uri("on-unsubscribe"))
                asked = correlation(await registry.post(request, "unsubscribe"))
                count = len(partner.accepted("on-unsubscribe")) + 1
                found = (await partner.got("on-unsubscribe", count))[-1]
                _check_callback(found, "on-unsubscribe", "txn-un", asked, status=wanted)
                assert found["message"]["status"] == wanted
                assert found["message"]["subscription_status"][0]["code"] == codes[0]
            assert found["message"]["status_reason_code"] == "rjct.event.already_unsubscribed"

            # Without an address of its own the registered one is used.
            status = a_status(txn)
            asked = correlation(await registry.post(status, "txn/status"))
            [found] = await partner.got("txn/on-status")
            _check_callback(found, "txn-on-status", "txn-st", asked)
            told = found["message"]["txnstatus_response"]
            assert told["txn_type"] == "search"
            assert told["txn_status"]["transaction_id"] == txn

            # What was searched for is forgotten once its answer has arrived.
            await work.forget(partner.worker, CLOCK)
            [row] = await partner.rows(
                "SELECT count(*) FROM dci_request WHERE asked::text LIKE '%TEST-001%'"
            )
            assert row["count"] == 0


def _check_callback(
    found: Message, action: str, txn: str, correlation_id: str, status: str = "succ"
) -> None:
    verify(found)
    header = found["header"]
    assert (header["action"], header["status"]) == (action, status)
    assert (header["sender_id"], header["receiver_id"]) == (OUR_ID, THEIR_ID)
    assert header["total_count"] == header["completed_count"]
    assert found["message"]["transaction_id"] == txn
    assert found["message"]["correlation_id"] == correlation_id
