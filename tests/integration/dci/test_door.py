"""The door of a DCI route: whose token, whose signature, once; and in which shape it refuses.

Scenarios of the public conformance suite are named where a test stands for one.
"""

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.dci import replays, signatures
from libs.common.dci.keys import read_public
from libs.common.dci.signatures import Profile
from libs.common.dci.words import Scope
from libs.common.security.roles import Role
from tests.integration.dci.conftest import DAY, ROOT, SUBJECT, TOKEN, Registry, register_dci
from tests.support.dci import OUR_ID, OURS, THEIR_ID, a_search, an_item, public_keys, signed
from tests.support.edge import a_token, bearer, sign

UIN = {"type": "UIN", "value": "TEST-001"}
SEARCH = f"{ROOT}/sync/search"


def transport_error(answer: httpx.Response, status: int, code: str) -> None:
    """`errors` with codes and texts; also a problem document; nothing that was sent."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["errors"][0]["code"] == code
    assert body["errors"][0]["message"]
    assert {"type", "title", "status"} <= body.keys()
    assert "detail" not in body
    assert "TEST-001" not in answer.text


def rejected(answer: httpx.Response, reason: str) -> None:
    """An envelope without a message whose signed header says why."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["header"]["status"], body["header"]["status_reason_code"]) == ("rjct", reason)
    assert body["header"]["action"] == "on-search"
    assert "message" not in body
    covered = signatures.canonical_bytes(Profile.HTTP_UTF8, body["header"], None)
    now = datetime.now(UTC)
    signatures.verify(
        Profile.HTTP_UTF8,
        body["signature"],
        covered,
        keys=read_public(public_keys(OURS)),
        sender_id=OUR_ID,
        sent_at=now,
        now=int(now.timestamp()),
    )


def changed(name: str, value: Any) -> dict[str, Any]:
    envelope = a_search(an_item(UIN))
    envelope["header"][name] = value
    return envelope


async def test_the_token_must_be_the_registered_senders(registry: Registry) -> None:
    """SR-SEC-AUTH-RG-SYNC-SEARCH-01, and whoever has another one's token."""
    body, cut = signed(a_search(an_item(UIN))), a_token(Role.PARTNER)[:-3]
    send = registry.client.post
    no_claim = {"iss": "http://issuer.test", "aud": "ansinh", "sub": SUBJECT, "exp": 4e9}
    for headers, status, code in (
        ({}, 401, "err.request.unauthorized"),
        ({"Authorization": "Bearer abc"}, 401, "err.request.unauthorized"),
        (
            {"Authorization": f"Bearer {cut}"},
            401,
            "err.request.unauthorized",
        ),
        (bearer(Role.OFFICER, subject=SUBJECT), 403, "err.request.forbidden"),
        ({"Authorization": f"Bearer {sign(no_claim)}"}, 403, "err.request.forbidden"),
        (bearer(Role.PARTNER, subject="somebody"), 403, "err.request.forbidden"),
        (bearer(Role.BANK, subject="somebody"), 403, "err.sender_id.invalid"),
        (_scoped("registry/subscribe openid"), 403, "err.request.forbidden"),
    ):
        transport_error(await send(SEARCH, json=body, headers=headers), status, code)
    for good in (_scoped("registry/search"), _scoped("openid"), bearer(Role.BANK, subject=SUBJECT)):
        again = signed(a_search(an_item(UIN)))
        assert (await send(SEARCH, json=again, headers=good)).status_code == 200
    unknown = await registry.post(changed("sender_id", "nobody.test"))
    transport_error(unknown, 403, "err.sender_id.invalid")
    await register_dci(registry.database, scopes=(Scope.SUBSCRIBE,))
    transport_error(await registry.post(a_search(an_item(UIN))), 403, "err.request.forbidden")
    await register_dci(registry.database, valid_until=DAY)
    transport_error(await registry.post(a_search(an_item(UIN))), 403, "err.request.forbidden")


def _scoped(scope: str) -> dict[str, str]:
    now = datetime.now(UTC)
    claims = {
        "iss": "http://issuer.test",
        "aud": "ansinh",
        "sub": SUBJECT,
        "exp": int((now + timedelta(hours=1)).timestamp()),
        "roles": ["partner"],
        "areas": ["*"],
        "scope": scope,
    }
    return {"Authorization": f"Bearer {sign(claims)}"}


async def test_the_signature_must_hold_over_what_was_sent(registry: Registry) -> None:
    """SR-SEC-SIG-RG-01, on the synchronous road."""
    good = signed(a_search(an_item(UIN)))
    altered = copy.deepcopy(good)
    altered["message"]["search_request"][0]["search_criteria"]["query"]["value"] = "TEST-002"
    for broken, code in (
        ({**good, "signature": None}, "err.signature.missing"),
        ({**good, "signature": ""}, "err.signature.missing"),
        ({**good, "signature": "invalid-signature"}, "err.signature.invalid"),
        ({**good, "signature": "unsigned-stub"}, "err.signature.invalid"),
        (altered, "err.signature.invalid"),
        (signed(a_search(an_item(UIN)), keys=OURS), "err.signature.invalid"),
        (signed(a_search(an_item(UIN)), sender="other.test"), "err.signature.invalid"),
        (signed(a_search(an_item(UIN)), Profile.JWS), "err.signature.invalid"),
        (signed(a_search(an_item(UIN)), at=0), "err.signature.invalid"),
    ):
        transport_error(await registry.post(broken, sign=False), 401, code)
    assert (await registry.post(good, sign=False)).status_code == 200


@pytest.mark.parametrize("profile", [Profile.HTTP_ASCII, Profile.JWS])
async def test_each_profile_is_verified_and_answered_in_kind(
    registry: Registry, profile: Profile
) -> None:
    """Also where a name is not ASCII: that is where the two forms of the digest part."""
    await register_dci(registry.database, profile=profile)
    envelope = a_search(an_item({"type": "BRN", "value": "Đinh Văn Tỷ"}), an_item(UIN))
    answer = (await registry.post(envelope, profile=profile)).json()
    assert not json.dumps(answer["message"], ensure_ascii=False).isascii()  # the commune's name
    covered = signatures.canonical_bytes(profile, answer["header"], answer["message"])
    now = datetime.now(UTC)
    signatures.verify(
        profile,
        answer["signature"],
        covered,
        keys=read_public(public_keys(OURS)),
        sender_id=OUR_ID,
        sent_at=datetime.fromisoformat(answer["header"]["message_ts"]),
        now=int(now.timestamp()),
    )


async def test_a_header_that_does_not_hold_is_rejected_in_a_header(registry: Registry) -> None:
    rejected(await registry.post(changed("version", "2.0.0")), "rjct.version.invalid")
    rejected(await registry.post(changed("action", "subscribe")), "rjct.action.invalid")
    rejected(await registry.post(changed("total_count", 2)), "rjct.total_count.invalid")
    many = a_search(*[an_item(UIN)] * 1_001)
    rejected(await registry.post(many), "rjct.total_count.limit_exceeded")
    for name, value, code in (
        ("receiver_id", "other.test", "err.receiver_id.invalid"),
        ("is_msg_encrypted", True, "err.encryption.invalid"),
    ):
        transport_error(await registry.post(changed(name, value)), 400, code)


async def test_a_message_is_taken_once_while_its_signature_holds(registry: Registry) -> None:
    """Per sender; one that was refused may be mended and sent under its id."""
    envelope = signed(a_search(an_item(UIN)))
    assert (await registry.post(envelope, sign=False)).status_code == 200
    rejected(await registry.post(envelope, sign=False), "rjct.message_id.duplicate")
    again = a_search(an_item(UIN), message_id=envelope["header"]["message_id"])
    rejected(await registry.post(again), "rjct.message_id.duplicate")
    wrong = a_search(an_item(UIN))
    wrong["message"]["transaction_id"] = "x" * 100
    transport_error(await registry.post(wrong), 400, "err.request.bad")
    wrong["message"]["transaction_id"] = "x" * 99
    wrong["header"]["total_count"] = 2
    refused = await registry.post(wrong)  # a 200 all the same
    rejected(refused, "rjct.total_count.invalid")
    wrong["header"]["total_count"] = 1
    good = await registry.post(wrong)
    assert good.json()["header"]["status"] == "succ"
    for answer, is_told in ((refused, False), (good, True)):
        assert await _is_on_the_trail(registry, answer) == is_told
    async with registry.database.as_api() as api, api.transaction() as tx:
        soon, now = "soon-forgotten", int(tx.recorded_at.timestamp())
        assert await replays.take(tx, THEIR_ID, soon, now - 1)
        assert await replays.take(tx, THEIR_ID, soon, now + 60)  # the first has lapsed
        assert not await replays.take(tx, THEIR_ID, soon, now + 60)
        assert await replays.take(tx, "other.test", soon, now + 60)


async def _is_on_the_trail(registry: Registry, answer: httpx.Response) -> bool:
    async with registry.database.as_worker() as worker, worker.transaction() as tx:
        sql = "SELECT FROM audit_line WHERE correlation_id = $1"
        return bool(await tx.fetch(sql, UUID(answer.headers["X-Correlation-ID"])))


async def test_what_is_no_message_is_a_transport_error(registry: Registry) -> None:
    """SR-CORE-RG-SYNC-SEARCH-NEG-01: an envelope without a message, and worse."""
    no_message = {"header": a_search(an_item(UIN))["header"], "signature": "x"}
    transport_error(await registry.post(no_message, sign=False), 400, "err.request.bad")
    for content, media, status in (
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[" * 50 + b"]" * 50, "application/json", 400),
        (b"a=b", "application/x-www-form-urlencoded", 415),
    ):
        headers = {**TOKEN, "Content-Type": media}
        answer = await registry.client.post(SEARCH, content=content, headers=headers)
        transport_error(answer, status, "err.request.bad")
    lost = await registry.client.get(SEARCH, headers=TOKEN)
    transport_error(lost, 405, "err.request.bad")
    lost = await registry.client.post(f"{ROOT}/nowhere", headers=TOKEN)
    transport_error(lost, 404, "err.request.not_found")


async def test_a_partner_asks_no_oftener_than_it_is_registered_for(registry: Registry) -> None:
    await register_dci(registry.database, per_second=1)
    answers = [await registry.post(a_search(an_item(UIN))) for _ in range(3)]
    transport_error(answers[-1], 429, "err.request.too_many_requests")
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_keys_are_open_to_everybody(registry: Registry) -> None:
    for path in ("/.well-known/jwks.json", "/dci/v1.0.0/.well-known/jwks.json"):
        answer = await registry.client.get(path)
        assert (answer.status_code, answer.json()) == (200, OURS.published())


async def test_the_suites_stub_is_taken_of_whom_it_is_registered_for(registry: Registry) -> None:
    """Only in test and on one machine; any other text is no signature there either."""
    await register_dci(registry.database, profile=Profile.UNSIGNED)
    for text, status in (("unsigned", 200), ("unsigned-stub", 200), (None, 200), ("invalid", 401)):
        envelope = {**a_search(an_item(UIN)), "signature": text}
        assert (await registry.post(envelope, sign=False)).status_code == status


_PLACES = (
    "header/message_ts header/sender_uri header/meta header/total_count header/receiver_id "
    "message/transaction_id message/search_request message/search_request/0/timestamp "
    "message/search_request/0/reference_id message/search_request/0/locale "
    "message/search_request/0/search_criteria message/search_request/0/search_criteria/query "
    "message/search_request/0/search_criteria/query_type "
    "message/search_request/0/search_criteria/sort "
    "message/search_request/0/search_criteria/pagination "
    "message/search_request/0/search_criteria/authorize "
    "message/search_request/0/search_criteria/reg_record_type"
).split()
_JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["expression", "predicate", "Group", "2026-01-01T00:00:00Z", "\x00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "value", "expression", "query", "age", "$and", "page_size"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.sampled_from(_PLACES), junk=_JUNK)
async def test_whatever_a_signed_message_holds_it_is_answered(
    registry: Registry, place: str, junk: Any
) -> None:
    """Never a failure of ours, always one of the standard's shapes."""
    envelope = a_search(an_item(UIN))
    *way, last = place.split("/")
    node: Any = envelope
    for part in way:
        node = node[int(part)] if isinstance(node, list) else node[part]
    node[last] = junk
    answer = await registry.post(envelope)
    assert answer.status_code < 500, answer.text
    body = answer.json()
    assert "errors" in body or body["header"]["status"] in ("succ", "rjct")
