"""A batch is cut into the exact bytes of its events, whatever stands in them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.messaging.split import split

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=4), min_size=1, max_size=6))
def test_every_batch_is_cut_into_what_it_was_made_of(events: list[dict[str, object]]) -> None:
    parts = [json.dumps(event, ensure_ascii=False).encode() for event in events]
    assert split(b"[" + b",".join(parts) + b"]") == parts


def test_structured_mode_is_one_event() -> None:
    assert split(b'{"id":"1"}') == [b'{"id":"1"}']


@pytest.mark.parametrize(
    "broken",
    [
        b'{"specversion":"1.0","data":{"a":1}',
        b'{"specversion":"1.0","data":"no end',
        b'{"specversion":"1.0"}}',
    ],
)
def test_an_event_with_lost_braces_leaves_its_neighbours_whole(broken: bytes) -> None:
    good = b'{"specversion":"1.0","id":"1"}'
    parts = split(b"[" + b",".join((good, broken, good)) + b"]")
    assert parts == [good, broken, good]


def test_what_is_no_object_is_one_piece() -> None:
    assert split(b"nonsense") == [b"nonsense"]
