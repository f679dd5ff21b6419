"""How often a caller may ask, and guess: buckets of tokens, kept in the process that answers."""

import math
import time
from collections.abc import Callable

from libs.common.problems import Problem, Text

_WAYS = {
    "partner.rate": Text(
        "Quá số yêu cầu mỗi giây của đăng ký.", "More requests a second than are registered."
    ),
    "caller.rate": Text("Quá số yêu cầu mỗi giây.", "More requests a second than are allowed."),
    "search.misses": Text(
        "Đã hỏi quá nhiều số không có hoặc đã ghi cho người khác.",
        "Too many numbers were asked for that nobody, or somebody else, bears.",
    ),
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


class Guesses:
    """How often a caller may be wrong about a value that only documents should tell: so many times
    at once, and as many again in a minute. Numbers have few digits; trying them all must not pay.

    Args:
        now: seconds of a clock that never goes back.
    """

    A_MINUTE = 30

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> None:
        """Count a guess before it is answered; `give_back` if it was right.

        Raises:
            TooOften: none is left.
        """
        self.require(caller)
        left, at = self._left(caller)
        self._buckets[caller] = (left - 1.0, at)

    def give_back(self, caller: str) -> None:
        left, at = self._left(caller)
        self._buckets[caller] = (min(left + 1.0, self.A_MINUTE), at)

    def require(self, caller: str) -> None:
        """Refuse whoever has none left.

        Raises:
            TooOften: none is left.
        """
        left, _ = self._left(caller)
        if left < 1.0:
            raise TooOften("search.misses", (1.0 - left) * 60 / self.A_MINUTE)

    def _left(self, caller: str) -> tuple[float, float]:
        now = self._now()
        left, at = self._buckets.get(caller, (float(self.A_MINUTE), now))
        return min(left + (now - at) * self.A_MINUTE / 60, float(self.A_MINUTE)), now
