"""Messages hold consecutive events of one type, up to a number and a size."""

from libs.common.messaging.packing import pack


def _pack(*rows: tuple[int, str, bytes]) -> list[tuple[str, list[int], bytes]]:
    packed = pack(rows, most_events=3, most_bytes=100)
    return [(entry.message.type, entry.seqs, entry.message.body) for entry in packed]


def test_a_lone_event_is_a_batch_of_one() -> None:
    assert _pack((1, "a", b"{}")) == [("a", [1], b"[{}]")]


def test_nothing_makes_no_message() -> None:
    assert _pack() == []


def test_another_type_begins_another_message() -> None:
    rows = [(1, "a", b"{}"), (2, "a", b"{}"), (3, "b", b"{}"), (4, "a", b"{}")]
    assert [(kind, seqs) for kind, seqs, _ in _pack(*rows)] == [
        ("a", [1, 2]),
        ("b", [3]),
        ("a", [4]),
    ]


def test_a_message_closes_at_its_number() -> None:
    rows = [(seq, "a", b"{}") for seq in range(5)]
    assert [seqs for _, seqs, _ in _pack(*rows)] == [[0, 1, 2], [3, 4]]


def test_a_message_closes_at_its_size_and_a_large_event_travels_alone() -> None:
    rows = [(1, "a", b"x" * 60), (2, "a", b"x" * 60), (3, "a", b"x" * 200), (4, "a", b"x")]
    assert [seqs for _, seqs, _ in _pack(*rows)] == [[1], [2], [3], [4]]
