"""Whatever an event holds, it is read or it is bad: nothing leaves `decode` as an exception."""

from dataclasses import replace
from typing import Any

import pytest

from libs.common.contracts.area import CHANGED
from libs.common.contracts.catalogue import EVENT_TYPES, EventType
from libs.common.ids import new_id
from libs.common.messaging.decode import SCHEMA_INVALID, decode
from libs.common.messaging.transport import Delivery
from tests.support.bus import an_event


@pytest.mark.parametrize("failure", [KeyError("level"), TypeError("level"), OSError("level")])
def test_an_upcast_that_fails_makes_the_event_bad(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def upcast(said: dict[str, Any]) -> dict[str, Any]:
        raise failure

    old = replace(EVENT_TYPES[CHANGED], upcast=upcast)
    monkeypatch.setitem(EVENT_TYPES, CHANGED, old)
    monkeypatch.setitem(EVENT_TYPES, old.next_name, EventType(old.next_name, old.source, old.data))
    body = an_event(new_id(), 1)
    found = decode(Delivery(CHANGED, b"[" + body + b"]", 0, 0, {}, None))
    [bad] = found.bad
    assert (bad.reason, bad.fields, bad.raw) == (SCHEMA_INVALID, ("data",), body)


@pytest.mark.parametrize(
    ("sequence", "version"),
    [("00000000000000000007", 7), (f"{2**63 - 1:020d}", 2**63 - 1), ("1" + "0" * 19, None)],
)
def test_a_version_is_taken_as_far_as_a_cursor_can_hold_it(
    sequence: str, version: int | None
) -> None:
    body = an_event(new_id(), 1).replace(b"00000000000000000001", sequence.encode())
    found = decode(Delivery(CHANGED, body, 0, 0, {}, None))
    assert [event.version for event in found.events] == ([version] if version else [])
    assert [(bad.fields, bad.version) for bad in found.bad] == (
        [] if version else [(("sequence",), None)]
    )
