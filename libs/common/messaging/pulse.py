"""Whether a consumer of this process really consumes, and how far behind what it works is.

A consumer is alive while each of its loops receives, its queue knows a consumer, and no batch has
been in work for too long: a handler that hangs is as dead as a process that is gone.

Lag is, while a consumer misses anything, now less the recorded time of the newest event that it has
worked; else 0. Three look for it, and none sees all of that:

- `Lane.lag`, in the consuming process, knows the batch in work and for a few seconds the last one;
  what waits behind them it does not see, so that it says nothing while it is paused.
- `measure.Waiting`, in the tick, sees how much waits in the queue and not from when it is: the time
  since which something waits and no batch was finished, the least that the lag can be. The metric
  `consumer.lag` is the higher of these two.
- `ansinh.ops.reasons.Standing.lag`, of an operator's look, compares the databases: it also counts
  what is still in an outbox, on the retry ladder or lost, which no queue holds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from libs.common import telemetry
from libs.common.clock import Clock
from libs.common.messaging.settings import ConsumeSettings

_LAG_KEPT_SECONDS = 15.0  # so that a look every so often finds the last batch's lag


class Lane:
    """One loop of a consumer.

    Attributes:
        pulse: the consumer's.
        has_queue: the last look found the queue with a consumer.
    """

    def __init__(self, pulse: Pulse, clock: Clock, stuck_seconds: float) -> None:
        self.pulse = pulse
        self.has_queue = True
        self._is_receiving: bool | None = None
        self._clock = clock
        self._stuck_seconds = stuck_seconds
        self._began: float | None = None
        self._newest: datetime | None = None
        self._lag, self._lag_at = 0.0, float("-inf")

    def receives(self, is_receiving: bool) -> None:
        """Whether the loop turns, with database and bus there."""
        if is_receiving is not self._is_receiving:
            self._is_receiving = is_receiving
            self.pulse.tell()

    def begin(self, newest: datetime | None) -> None:
        """A batch is in work; `newest` is when its newest event was recorded."""
        self._began, self._newest = time.monotonic(), newest

    def end(self) -> None:
        """The batch, if there was one, is done or given back."""
        if self._newest is not None:
            self._lag, self._lag_at = self._since(self._newest), time.monotonic()
        self._began = self._newest = None

    def is_alive(self) -> bool:
        moves = self._began is None or time.monotonic() - self._began < self._stuck_seconds
        return bool(self._is_receiving) and self.has_queue and moves

    def lag(self) -> float | None:
        """Seconds behind, as far as this loop knows; None: it does not see what waits.

        See the module's text for what others mean by lag.
        """
        if self._newest is not None:
            return self._since(self._newest)
        if not self._is_receiving:
            return None
        return self._lag if time.monotonic() - self._lag_at < _LAG_KEPT_SECONDS else 0.0

    def _since(self, recorded_at: datetime) -> float:
        return (self._clock.now() - recorded_at).total_seconds()


class Pulse:
    """A consumer's loops in this process, as readiness and metrics see them."""

    def __init__(self, consumer: str, clock: Clock) -> None:
        self.consumer = consumer
        self._clock = clock
        self._lanes: list[Lane] = []

    @contextmanager
    def lane(self, settings: ConsumeSettings) -> Iterator[Lane]:
        """A loop, for as long as it turns."""
        lane = Lane(self, self._clock, settings.stuck_seconds)
        self._lanes.append(lane)
        try:
            yield lane
        finally:
            self._lanes.remove(lane)

    def is_alive(self) -> bool:
        """Whether the consumer has loops here and all of them consume."""
        return bool(self._lanes) and all(lane.is_alive() for lane in self._lanes)

    def tell(self) -> None:
        """Tell the gauges; again and again, because they forget."""
        alive = float(self.is_alive())
        telemetry.gauge(telemetry.names.CONSUMER_ALIVE, alive, consumer=self.consumer)
        known = [lag for lane in self._lanes if (lag := lane.lag()) is not None]
        if known:
            telemetry.gauge(telemetry.names.CONSUMER_LAG, max(known), consumer=self.consumer)
