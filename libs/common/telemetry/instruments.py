"""The process's instruments, made once from the names."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Meter, Observation

from libs.common.telemetry import names

FORGOTTEN_SECONDS = 60.0
# Of the conventions; the SDK's own bounds are made for milliseconds.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class Gauge:
    """The last value told per set of labels; of several tellers in a process, the highest.

    What nobody has told for a minute is no longer said: a value that is not measured any more must
    not look like one that is, and an alert can then ask for its absence.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._told: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[float, float]] = {}

    def tell(self, value: float, labels: Mapping[str, str], teller: str = "") -> None:
        """Set the value of these labels."""
        self._told[teller, tuple(sorted(labels.items()))] = (value, self._now())

    def observe(self, options: CallbackOptions) -> Iterable[Observation]:
        """What is still fresh; called by an exporter, in whatever thread."""
        oldest = self._now() - FORGOTTEN_SECONDS
        highest: dict[tuple[tuple[str, str], ...], float] = {}
        for (_, labels), (value, told_at) in list(self._told.items()):
            if told_at >= oldest:
                highest[labels] = max(value, highest.get(labels, value))
        return [Observation(value, dict(labels)) for labels, value in highest.items()]


@dataclass(frozen=True)
class Instruments:
    """Counters, histograms and gauges of one process."""

    operation_duration: Histogram
    sent: Counter
    consumed: Counter
    process_duration: Histogram
    request_duration: Histogram
    outcomes: Counter
    deliveries: Counter
    delivery_duration: Histogram
    gauges: Mapping[str, Gauge]

    @classmethod
    def of(cls, meter: Meter) -> Instruments:
        def seconds(name: str) -> Histogram:
            return meter.create_histogram(name, "s", explicit_bucket_boundaries_advisory=_SECONDS)

        gauges = {name: Gauge() for name in names.GAUGES}
        for name, (unit, description) in names.GAUGES.items():
            meter.create_observable_gauge(name, [gauges[name].observe], unit, description)
        return cls(
            operation_duration=seconds(names.OPERATION_DURATION),
            sent=meter.create_counter(names.SENT_MESSAGES, "{message}"),
            consumed=meter.create_counter(names.CONSUMED_MESSAGES, "{message}"),
            process_duration=seconds(names.PROCESS_DURATION),
            request_duration=seconds(names.REQUEST_DURATION),
            outcomes=meter.create_counter(names.INBOX_OUTCOMES, "{event}"),
            deliveries=meter.create_counter(names.PARTNER_DELIVERIES, "{delivery}"),
            delivery_duration=seconds(names.PARTNER_DELIVERY_DURATION),
            gauges=gauges,
        )
