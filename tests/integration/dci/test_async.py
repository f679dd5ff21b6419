"""What is answered later: kept with its Ack, worked once, told until it has arrived.

The scenarios of the public conformance suite stand at the test that keeps them.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.common.dci.words import Scope
from libs.common.ids import new_id
from libs.common.partners.standing import read_partners
from libs.common.security.roles import Role
from services.registry.intake import work as intake_work
from services.registry.transactions import api, store, work
from tests.integration.dci.asynchronous import (
    ACK,
    CLOCK,
    EXPRESSION,
    NOW,
    PREDICATE,
    UIN,
    LaterClock,
    Message,
    Subscriber,
    a_callback,
    a_status,
    a_subscribe,
    a_subscription,
    acks,
    an_unsubscribe,
    check_callback,
    check_forgetting,
    correlation,
    fresh,
    is_refused,
    sending,
    subscriber,
    verify,
    with_value,
    without,
)
from tests.integration.dci.conftest import DAY, NAMED, ROOT, Registry, register_dci
from tests.support.bus import eventually
from tests.support.dci import (
    DCI,
    THEIR_ID,
    a_search,
    an_item,
    signed,
)
from tests.support.edge import bearer
from tests.support.receiver import Reply


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
                await work.work(tx, UUID(asked), DCI, CLOCK.today())
                raise RuntimeError("killed")
        except RuntimeError:
            pass
        assert await states(registry, ["r" * 50], "reference_id_list") == ["pdng"] * 4

        refusals = [Reply(500), Reply(200), acks("ERR", code="err.service.unavailable"), Reply(302)]
        partner.receiver.behaviour = lambda sent: refusals.pop() if refusals else acks("NACK")
        async with sending(partner):
            await partner.has(1, "delivered", "dci")
            found = partner.accepted("on-search")[-1]
            check_callback(found, "on-search", txn, asked)
            responses = found["message"]["search_response"]
            given = [one["reference_id"] for one in search["message"]["search_request"]]
            assert [one["reference_id"] for one in responses] == given
            assert [one["status"] for one in responses] == ["succ", "succ", "succ", "rjct"]
            assert await states(registry, txn) == ["succ", "succ", "succ", "rjct"]
            [near] = responses[0]["data"]["reg_records"]
            assert near["group_identifier"][0]["identifier_value"] == str(registry.near)
            assert near["group_head_info"]["demographic_info"]["name"] == NAMED
            assert str(registry.far) not in str(found)
            attempts = [one.event for one in partner.receiver.sent]
            assert len({one["header"]["message_id"] for one in attempts}) == len(attempts) == 5
            assert len({one["message"]["correlation_id"] for one in attempts}) == 1

            subscribe = a_subscribe(a_subscription(), sender_uri=partner.uri("on-subscribe"))
            asked = correlation(await registry.post(subscribe, "subscribe"))
            [found] = await partner.got("on-subscribe")
            check_callback(found, "on-subscribe", "txn-sub", asked)
            [response] = found["message"]["subscribe_response"]
            [subscription] = response["subscriptions"]
            assert response["status"] == "succ"
            assert subscription["status"] == "subscribe"
            assert len(subscription["code"]) <= 99

            codes = [subscription["code"], "c" * 99]
            for wanted, count in (("rjct", 2), ("succ", 1), ("rjct", 1)):
                named = codes[:count]
                request = an_unsubscribe(*named, sender_uri=partner.uri("on-unsubscribe"))
                asked = correlation(await registry.post(request, "unsubscribe"))
                before = len(partner.accepted("on-unsubscribe"))
                found = (await partner.got("on-unsubscribe", before + 1))[-1]
                check_callback(found, "on-unsubscribe", "txn-un", asked, status=wanted)
                assert found["message"]["status"] == wanted
                assert found["message"]["subscription_status"][0]["code"] == codes[0]
            assert found["message"]["status_reason_code"] == "rjct.event.already_unsubscribed"

            # Without an address of its own the registered one is used.
            status = a_status(txn)
            asked = correlation(await registry.post(status, "txn/status"))
            [found] = await partner.got("txn/on-status")
            check_callback(found, "txn-on-status", "txn-st", asked)
            told = found["message"]["txnstatus_response"]
            assert told["txn_type"] == "search"
            assert told["txn_status"]["transaction_id"] == txn

            # What was searched for is forgotten once its answer has arrived.
            await partner.has(6, "delivered", "dci")
            await work.forget(partner.worker, CLOCK)
            [row] = await partner.rows(
                "SELECT asked FROM dci_request WHERE transaction_id = $1", txn
            )
            assert row["asked"] == {}
            async with partner.worker.transaction() as tx:
                roads = {one.road: one for one in await read_partners(tx, DAY)}
            [origin] = await partner.rows(
                "SELECT endpoint_id FROM webhook_endpoint WHERE url = $1",
                partner.base.removesuffix("dci"),
            )
            await _check_operators_view(partner, str(origin["endpoint_id"]))
            assert roads[str(origin["endpoint_id"])].behind == 0
            async with partner.worker.transaction() as tx:
                await store.purge(tx, tx.recorded_at + timedelta(seconds=1))
            assert not await partner.rows("SELECT FROM dci_request WHERE transaction_id = $1", txn)


async def _check_operators_view(partner: Subscriber, endpoint: str) -> None:
    """An endpoint for answers has neither a secret nor a place in the ledger; who was shown whom
    stands on the trail."""
    client, operator = partner.registry.client, bearer(Role.OPERATOR)
    at = f"/internal/v1/webhooks/{endpoint}"
    for path, body, rule in (
        ("rotate", {}, "endpoint.without_secret"),
        ("replay", {"from_at": NOW}, "endpoint.without_ledger"),
    ):
        answer = await client.post(f"{at}/{path}", json=body, headers=operator)
        assert (answer.status_code, answer.json()["code"]) == (409, rule)
    again = await client.post(f"{at}/replay", json={}, headers=operator)
    assert again.json()["count"] == 0  # nothing was given up
    lines = await partner.rows(
        "SELECT subject_kind, subjects, caller FROM audit_line WHERE act = $1",
        f"webhook {endpoint}",
    )
    seen = {(one["caller"], one["subject_kind"]) for one in lines}
    assert seen == {("partner:nhcsxh", "household"), ("partner:nhcsxh", "person")}
    assert any(partner.registry.near in one["subjects"] for one in lines)


async def test_a_killed_sender_leaves_nothing_undone(registry: Registry) -> None:
    """SIGKILL while the partner holds its answer back: whoever comes next tells it again."""
    async with subscriber(registry, lambda sent: Reply(hangs=True)) as partner:
        search = a_search(an_item(UIN), sender_uri=partner.uri("on-search"))
        asked = correlation(await registry.post(search, "search"))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.support.dci_sender",
            registry.database.worker_dsn,
            DAY.isoformat(),
        )

        async def is_on_its_way() -> bool:
            return bool(partner.receiver.sent)

        await eventually(is_on_its_way)
        process.kill()
        await process.wait()
        assert await states(registry, asked, "correlation_id") == ["succ"]
        await check_forgetting(partner, asked)
        partner.receiver.behaviour = lambda sent: ACK
        async with partner.worker.transaction() as tx:  # its lease is a minute and a half
            await tx.execute("UPDATE webhook_delivery SET next_attempt_at = '-infinity'")
        async with sending(partner):
            [found] = await partner.got("on-search")
            check_callback(found, "on-search", search["message"]["transaction_id"], asked)
        assert len(partner.receiver.sent) == 2


async def test_what_does_not_hold_is_refused_and_nothing_of_it_is_kept(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-CORE-RG-ASYNC-*-NEG-01, SR-SEC-AUTH-RG-ASYNC-*-01, SR-SEC-SIG-RG-01; DCI-VAL-FMT-TS-01,
    -03, -LOC-02, -03; DCI-VAL-BND-TXN-02, -SUB-02; DCI-VAL-PAG-01, -02, -03.
    """
    async with subscriber(registry) as partner:
        uri = partner.uri("on-search")
        search = a_search(an_item(UIN, pagination={"page_size": 10}), sender_uri=uri)
        good = {
            "search": search,
            "subscribe": a_subscribe(a_subscription(), sender_uri=uri),
            "unsubscribe": an_unsubscribe("sub-1", sender_uri=uri),
            "txn/status": a_status("txn", sender_uri=uri),
        }
        for path, whole in good.items():
            assert is_refused(await registry.post(without(whole, "message"), path)), path
            assert is_refused(await registry.post(with_value(whole, {}, "message"), path)), path
            for headers in ({}, {"Authorization": "Bearer no"}):
                answer = await registry.client.post(
                    f"{ROOT}/{path}", json=signed(whole), headers=headers
                )
                assert answer.status_code in (401, 403), path
                assert is_refused(answer)
            other = bearer(Role.PARTNER, subject="somebody")
            answer = await registry.client.post(f"{ROOT}/{path}", json=signed(whole), headers=other)
            assert is_refused(answer)
            changed = signed(whole) | {"message": {**whole["message"], "transaction_id": "x"}}
            answer = await registry.post(changed, path, sign=False)
            assert is_refused(answer)
            assert "err.signature.invalid" in answer.text
            answer = await registry.post(whole, path, sign=False)
            assert "err.signature.missing" in answer.text

        item = ("message", "search_request", 0)
        bad: list[tuple[str, Message]] = [
            ("search", with_value(search, "yesterday", *item, "timestamp")),
            ("search", with_value(search, "en", *item, "locale")),
            ("search", with_value(search, "ENG", *item, "locale")),
            ("search", with_value(search, "t" * 100, "message", "transaction_id")),
            ("search", with_value(search, 2, "header", "total_count")),
            ("search", with_value(search, "subscribe", "header", "action")),
            ("search", with_value(search, "https://elsewhere.vn/dci", "header", "sender_uri")),
            ("search", with_value(search, "http://127.0.0.1:1/dci", "header", "sender_uri")),
            ("search", with_value(search, True, "header", "is_msg_encrypted")),
            (
                "subscribe",
                with_value(
                    good["subscribe"],
                    "2026-01-15T09:30:00",
                    "message",
                    "subscribe_request",
                    0,
                    "timestamp",
                ),
            ),
            (
                "unsubscribe",
                with_value(good["unsubscribe"], "c" * 100, "message", "subscription_codes", 0),
            ),
        ]
        pages = ({"page_size": 0}, {"page_size": 1, "page_number": 0}, {"page_size": -1})
        bad += [
            ("search", with_value(search, page, *item, "search_criteria", "pagination"))
            for page in pages
        ]
        for path, whole in bad:
            answer = await registry.post(fresh(whole), path)
            assert is_refused(answer), (path, whole)
        # A message is taken once; the one that was refused under its id does not count.
        elsewhere = with_value(search, "https://elsewhere.vn/dci", "header", "sender_uri")
        refused = await registry.post(elsewhere, "search")
        assert "err.sender_uri.invalid" in refused.text
        ids = UUID(refused.headers["X-Correlation-ID"])
        for table in ("audit_line", "partner_act"):
            assert not await partner.rows(f"SELECT FROM {table} WHERE correlation_id = $1", ids)
        mine = correlation(await registry.post(search, "search"))
        assert is_refused(await registry.post(search, "search"))
        await _check_of_others(registry, mine)
        # So many of a partner's requests wait, and no more.
        monkeypatch.setattr(api, "MOST_WAITING", 1)
        answer = await registry.post(fresh(search), "search")
        assert "err.request.too_many_requests" in answer.text
        monkeypatch.undo()
        # Who may only search may not subscribe.
        await register_dci(registry.database, scopes=(Scope.SEARCH,))
        assert is_refused(await registry.post(fresh(good["subscribe"]), "subscribe"))
        kept = await partner.rows(
            "SELECT request_id FROM dci_request WHERE starts_with(reply_to, $1)", partner.base
        )
        assert [str(row["request_id"]) for row in kept] == [mine]


async def _check_of_others(registry: Registry, mine: str) -> None:
    """Another partner's transaction is as unknown as none."""
    await register_dci(registry.database, "other", sender_id="other.test", subjects=("other",))
    told = []
    for value in (mine, str(new_id())):
        asking = a_status(value, "correlation_id", sender_id="other.test")
        answer = await registry.client.post(
            f"{ROOT}/sync/txn/status",
            json=signed(asking),
            headers=bearer(Role.PARTNER, subject="other"),
        )
        found = answer.json()["message"]["txnstatus_response"]["txn_status"]
        [one] = found["search_response"]
        told.append({**one, "timestamp": "", "transaction_id": found["transaction_id"]})
        assert found["correlation_id"] == answer.json()["message"]["correlation_id"]
    assert told[0] == told[1]
    assert told[0]["status_reason_code"] == "rjct.reference_id.invalid"
    assert await states(registry, mine, "correlation_id") == ["rcvd"]


async def test_what_another_registry_sends_is_verified_kept_once_and_acknowledged(
    registry: Registry,
) -> None:
    """SR-CORE-SP-ON-SEARCH-01, -ON-SUBSCRIBE-01, -ON-UNSUBSCRIBE-01, -TXN-ON-STATUS-01, -NOTIFY-01,
    their -NEG-01, SR-SEC-AUTH-SP-*-01, SR-SEC-SIG-SP-01.
    """
    ids = {"transaction_id": "txn", "correlation_id": "corr"}
    item = {"reference_id": "ref", "timestamp": NOW, "status": "succ"}
    event = {
        "reference_id": "evt",
        "timestamp": NOW,
        "data": {"reg_record_type": "Group", "reg_records": {"@type": "Group"}},
    }
    messages: dict[str, tuple[str, Message]] = {
        "on-search": ("on-search", {**ids, "search_response": [item]}),
        "on-subscribe": ("on-subscribe", {**ids, "subscribe_response": [item]}),
        "on-unsubscribe": ("on-unsubscribe", {**ids, "timestamp": NOW, "status": "succ"}),
        "txn/on-status": (
            "txn-on-status",
            {**ids, "txnstatus_response": {"txn_type": "search", "txn_status": {}}},
        ),
        "notify": ("notify", {"transaction_id": "txn", "notify_event": [event, event]}),
    }
    for path, (action, message) in messages.items():
        whole = a_callback(action, message)
        answer = await registry.client.post(f"{ROOT}/{path}", json=signed(whole))
        assert answer.status_code in (401, 403), path
        assert is_refused(answer)
        for bad in (
            a_callback(action, None),
            a_callback(action, {}),
            without(whole, "header", "status"),
        ):
            assert is_refused(await registry.post(bad, path)), path
        forged = signed(whole) | {"message": {**message, "transaction_id": "x"}}
        answer = await registry.post(forged, path, sign=False)
        assert is_refused(answer)
        assert "err.signature.invalid" in answer.text
        # Once, however often it comes: as it was, or anew.
        for _ in range(2):
            ack = correlation(await registry.post(whole, path))
            assert ack == "corr" or path == "notify"
        again = a_callback(action, message)
        del again["header"]["sender_id"]  # the token says whose it is
        correlation(await registry.post(again, path, sender=THEIR_ID))
        rejected = a_callback(action, None, status="rjct")
        correlation(await registry.post(rejected, path))
    async with registry.database.as_worker() as worker, worker.transaction() as tx:
        rows = await tx.fetch("SELECT action, count(*) FROM dci_received GROUP BY 1 ORDER BY 1")
    assert {row[0]: row[1] for row in rows} == {action: 2 for action, _ in messages.values()}
    # It is kept for thirty days.
    async with registry.database.as_worker() as worker:
        for age, left in ((timedelta(0), 10), (intake_work.KEPT + timedelta(seconds=1), 0)):
            await intake_work.forget(worker, LaterClock(DAY, age))
            async with worker.transaction() as tx:
                assert await tx.fetchval("SELECT count(*) FROM dci_received") == left
    await register_dci(registry.database, scopes=(Scope.SEARCH,))
    assert is_refused(await registry.post(a_callback("notify", messages["notify"][1]), "notify"))
