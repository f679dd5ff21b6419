"""The envelope and its messages: what is taken, what is refused, in which words."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.common.dci import canonical, intake
from libs.common.dci.messages import (
    SearchRequest,
    SubscribeRequest,
    TxnStatusRequest,
    UnsubscribeRequest,
)
from libs.common.dci.model import Dci
from libs.common.dci.refusals import Refused, as_ack, errors_body, misshapen
from libs.common.dci.words import ErrorCode, HeaderReason, Reason, RecordType
from tests.support.dci import a_search, an_item

AT = "2026-01-15T09:30:00+07:00"
UIN = {"type": "UIN", "value": "TEST-001"}


def read(envelope: Any, media: str = "application/json") -> intake.Envelope:
    return intake.read_envelope(media, json.dumps(envelope).encode(), 32)


def read_search(envelope: Any) -> Any:
    return _check(SearchRequest, read(envelope).message)


def _check(model: type[Dci], message: Any) -> Any:
    try:
        return model.model_validate(message)
    except ValidationError as error:
        raise misshapen(error, "message") from None


def changed(envelope: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with the value at a path, or without it where the value is `...`."""
    whole = copy.deepcopy(envelope)
    *way, last = path.split("/")
    node: Any = whole
    for part in way:
        node = node[int(part)] if isinstance(node, list) else node[part]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return whole


ITEM = "message/search_request/0"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("message", ..., ErrorCode.BAD),  # SR-CORE-RG-SYNC-SEARCH-NEG-01
        ("header", ..., ErrorCode.BAD),
        ("header/message_id", ..., ErrorCode.BAD),
        ("header/message_ts", "2026-01-15T09:30:00", HeaderReason.TIMESTAMP),
        ("header/message_ts", 1_768_444_200, HeaderReason.TIMESTAMP),
        ("header/action", ..., ErrorCode.BAD),
        ("header/sender_id", ..., ErrorCode.SENDER),
        ("header/total_count", ..., HeaderReason.COUNT),
        ("header/total_count", "1", HeaderReason.COUNT),
        ("header/total_count", -1, HeaderReason.COUNT),
        ("header/is_msg_encrypted", "yes", ErrorCode.BAD),
        ("message/transaction_id", ..., ErrorCode.BAD),
        ("message/transaction_id", "x" * 100, ErrorCode.BAD),  # DCI-VAL-BND-TXN-02
        ("message/search_request", ..., ErrorCode.BAD),
        ("message/search_request", {}, ErrorCode.BAD),
        (f"{ITEM}/reference_id", ..., Reason.REFERENCE),
        (f"{ITEM}/timestamp", "not-a-timestamp", Reason.TIMESTAMP),  # DCI-VAL-FMT-TS-01
        (f"{ITEM}/timestamp", "2026-13-45T99:00:00Z", Reason.TIMESTAMP),
        (f"{ITEM}/timestamp", "2026-01-15T09:30:00", Reason.TIMESTAMP),
        (f"{ITEM}/locale", "en", ErrorCode.BAD),  # DCI-VAL-FMT-LOC-02
        (f"{ITEM}/locale", "ENG", ErrorCode.BAD),  # DCI-VAL-FMT-LOC-03
        (f"{ITEM}/search_criteria", ..., ErrorCode.BAD),
        (f"{ITEM}/search_criteria/query", ..., ErrorCode.BAD),
        (f"{ITEM}/search_criteria/query_type", ..., ErrorCode.BAD),
        # DCI-VAL-PAG-01, -02, -03, where the standard has it and where the suite sends it
        (f"{ITEM}/search_criteria/pagination", {"page_size": 0}, Reason.PAGINATION),
        (f"{ITEM}/pagination", {"page_size": 10, "page_number": 0}, Reason.PAGINATION),
        (f"{ITEM}/pagination", {"page_size": -5}, Reason.PAGINATION),
    ],
)
def test_a_misshapen_search_names_the_field_and_echoes_no_value(
    path: str, value: Any, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        read_search(changed(a_search(an_item(UIN)), path, value))
    refused = caught.value
    body = errors_body(refused.status, refused.faults)
    assert refused.status == 400
    assert code in {one["code"] for one in body["errors"]}
    assert path.rpartition("/")[2] in json.dumps(body)
    if value not in (..., 0, -1, -5, "1") and isinstance(value, str):
        assert json.dumps(value) not in json.dumps(body)
    acked = as_ack(refused, "c", datetime.now(UTC))
    assert acked["message"]["error"]["code"] in set(ErrorCode)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("message/transaction_id", "x" * 99),  # DCI-VAL-BND-TXN-01
        (f"{ITEM}/reference_id", "r" * 50),  # DCI-VAL-BND-REF-01
        (f"{ITEM}/timestamp", "2026-01-15T02:30:00Z"),  # DCI-VAL-FMT-TS-02
        (f"{ITEM}/timestamp", "2026-01-15T02:30:00.123456+07:00"),
        (f"{ITEM}/locale", "eng"),  # DCI-VAL-FMT-LOC-01
        (f"{ITEM}/locale", "vie"),
        (f"{ITEM}/search_criteria/pagination", {"page_size": 10, "page_number": 2}),
        (f"{ITEM}/search_criteria/pagination", {"page_size": 10.0}),
        (f"{ITEM}/search_criteria/reg_event_type", "of an older draft"),
        ("header/meta", {"free": True}),
        ("header/version", ...),
        ("header/receiver_id", ...),
        ("header/sender_uri", "https://partner.example.vn/registry/on-search"),
    ],
)
def test_what_the_standard_allows_is_taken(path: str, value: Any) -> None:
    read_search(changed(a_search(an_item(UIN)), path, value))


@pytest.mark.parametrize("wrong", ["timesstamp", "timesatmp"])
def test_misspelt_names_of_older_drafts_are_understood(wrong: str) -> None:
    item = an_item(UIN)
    item[wrong] = item.pop("timestamp")
    read_search(a_search(item))
    codes = {"transaction_id": "t", "sunscription_codes": ["s" * 99], wrong: AT}
    assert _check(UnsubscribeRequest, codes).subscription_codes == ["s" * 99]


def test_subscription_codes_and_their_lengths() -> None:
    """DCI-VAL-BND-SUB-01, -02."""
    body: dict[str, Any] = {"transaction_id": "t", "timestamp": AT}
    _check(UnsubscribeRequest, body | {"subscription_codes": ["s" * 99]})
    with pytest.raises(Refused) as caught:
        _check(UnsubscribeRequest, body | {"subscription_codes": ["s" * 100]})
    assert caught.value.faults[0].code == Reason.SUBSCRIPTION_CODE


def test_a_subscription_needs_its_zone_and_its_criteria() -> None:
    """DCI-VAL-FMT-TS-03."""
    criteria = {"reg_event_type": "REGISTER", "filter": UIN, "notify_record_type": "Member"}
    item = {"reference_id": "r", "timestamp": AT, "subscribe_criteria": criteria}
    _check(SubscribeRequest, {"transaction_id": "t", "subscribe_request": [item]})
    for broken in (
        item | {"timestamp": "2026-01-15T09:30:00"},
        item | {"subscribe_criteria": {**criteria, "filter": ...} | {"filter": None}},
        item | {"subscribe_criteria": criteria | {"frequency": {"frequency": "0 0 0 * * ?"}}},
    ):
        with pytest.raises(Refused):
            _check(SubscribeRequest, {"transaction_id": "t", "subscribe_request": [broken]})


def test_status_of_a_transaction_is_asked_by_one_of_three_keys() -> None:
    item = {"reference_id": "r", "txn_type": "subscibe", "attribute_type": "transaction_id"}
    asked = {"transaction_id": "t", "txnstatus_request": item | {"attribute_value": "t-1"}}
    assert _check(TxnStatusRequest, asked).txnstatus_request.txn_type == "subscribe"
    many = item | {"attribute_type": "reference_id_list", "attribute_value": ["r-1", "r-2"]}
    _check(TxnStatusRequest, {"transaction_id": "t", "txnstatus_request": many})
    for broken in ({"attribute_type": "name"}, {"attribute_value": 7}, {"txn_type": "other"}):
        whole = {**item, "attribute_value": "t-1", **broken}
        with pytest.raises(Refused):
            _check(TxnStatusRequest, {"transaction_id": "t", "txnstatus_request": whole})


def test_not_an_envelope_at_all() -> None:
    for media, status in (("text/plain", 415), ("", 415), ("application/json; charset=x", 200)):
        if status == 200:
            read(a_search(an_item(UIN)), media)
            continue
        with pytest.raises(Refused) as caught:
            read(a_search(an_item(UIN)), media)
        assert caught.value.status == status
    deep = b'{"header":' + b"[" * 40 + b"]" * 40 + b"}"
    for body in (b"", b"{", b"[]", b"null", b'{"a":NaN}', b"\xff\xfe", deep, b'{"header":1}'):
        with pytest.raises(Refused) as caught:
            intake.read_envelope("application/json", body, 32)
        assert (caught.value.status, caught.value.is_transport) == (400, True)


@settings(max_examples=50)
@given(st.binary(max_size=100) | st.text(max_size=50).map(lambda text: f'{{"{text}"}}'.encode()))
def test_junk_is_refused_and_never_fails(body: bytes) -> None:
    with pytest.raises(Refused):
        intake.read_envelope("application/json", body, 32)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), _JSON, max_size=4))
def test_canonical_bytes_survive_the_way(body: dict[str, Any]) -> None:
    """Whoever parses them and writes them again gets the same bytes, in either form."""
    for form in (canonical.utf8, canonical.ascii_only):
        assert form(canonical.parse(form(body))) == form(body)


def test_record_types_by_the_names_in_use() -> None:
    for name, kind in (
        ("Group", RecordType.GROUP),
        ("SRGroup", RecordType.GROUP),
        ("spdci-extensions-dci:Member", RecordType.MEMBER),
        ("SRPerson", RecordType.PERSON),
        ("spdci:Person", RecordType.PERSON),
        ("Loan", None),
        (None, None),
    ):
        assert RecordType.read(name) is kind
