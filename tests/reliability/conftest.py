"""Processes of the test bus, which end with the test."""

from collections.abc import Callable, Iterator

import pytest

from tests.support import peer
from tests.support.bus import Bus

StartPeer = Callable[..., peer.Peer]


@pytest.fixture
def start(bus: Bus) -> Iterator[StartPeer]:
    """Start a relay or a consumer of the bus as a process."""
    started: list[peer.Peer] = []

    def begin(role: str, **chosen: object) -> peer.Peer:
        started.append(peer.start(bus, role, **chosen))  # type: ignore[arg-type]
        return started[-1]

    yield begin
    for one in started:
        one.kill()
