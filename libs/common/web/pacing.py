"""How often a caller may ask: a bucket of tokens each, kept in the process that answers."""

import math
import time
from collections.abc import Callable

from libs.common.problems import Problem, Text

_WAYS = {
    "partner.rate": Text(
        "Quá số yêu cầu mỗi giây của đăng ký.", "More requests a second than are registered."
    ),
    "caller.rate": Text("Quá số yêu cầu mỗi giây.", "More requests a second than are allowed."),
}


class TooOften(Problem):
    """429, with when to ask again."""

    def __init__(self, code: str, seconds: float) -> None:
        super().__init__(429, code, _WAYS[code])
        self.headers = {"Retry-After": str(max(1, math.ceil(seconds)))}


class Pace:
    """A caller may ask `per_second` times a second, and save up one second's worth.

    Args:
        now: seconds of a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str, per_second: int, code: str) -> None:
        """Let one request in.

        Args:
            caller: a partner's name, or another caller's subject.
            per_second: how often it may ask.
            code: `partner.rate` or `caller.rate`.

        Raises:
            TooOften: it has to wait.
        """
        now = self._now()
        left, at = self._buckets.get(caller, (float(per_second), now))
        left = min(float(per_second), left + (now - at) * per_second)
        self._buckets[caller] = (max(left - 1.0, 0.0) if left >= 1.0 else left, now)
        if left < 1.0:
            raise TooOften(code, (1.0 - left) / per_second)
