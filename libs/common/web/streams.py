"""How many answers may leave in parts at once.

Each keeps its transaction's connection until its last part, and takes a second one for a moment to
account for every part. As many of them as there are connections would wait for each other for ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from libs.common.problems import Problem, Text


class Streams:
    """Half of the connections: each stream finds its second one, and short requests find theirs."""

    def __init__(self) -> None:
        self._taken = 0

    @contextmanager
    def take(self, connections: int) -> Iterator[None]:
        """One answer that leaves in parts, while it does.

        Args:
            connections: of the pool, at most.

        Raises:
            Problem: 503, there are enough; nobody waits with a connection in hand.
        """
        if self._taken >= connections // 2:
            title = Text(
                "Đang có nhiều tệp được tải cùng lúc; hãy tải lại sau ít giây.",
                "Many files are being downloaded; ask again in a few seconds.",
            )
            raise Problem(503, "answer.busy", title)
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
