"""How often a partner may ask: a bucket of tokens each, kept in the process that answers."""

import math
import time
from collections.abc import Callable

from libs.common.problems import Problem, Text


class TooOften(Problem):
    """429, with when to ask again."""

    def __init__(self, seconds: float) -> None:
        title = Text(
            "Quá số yêu cầu mỗi giây của đăng ký.", "More requests a second than are registered."
        )
        super().__init__(429, "partner.rate", title)
        self.headers = {"Retry-After": str(max(1, math.ceil(seconds)))}


class Pace:
    """A partner may ask `per_second` times a second, and save up one second's worth.

    Args:
        now: seconds of a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, partner: str, per_second: int) -> None:
        """Let one request in.

        Raises:
            TooOften: it has to wait.
        """
        now = self._now()
        left, at = self._buckets.get(partner, (float(per_second), now))
        left = min(float(per_second), left + (now - at) * per_second)
        self._buckets[partner] = (max(left - 1.0, 0.0) if left >= 1.0 else left, now)
        if left < 1.0:
            raise TooOften((1.0 - left) / per_second)
