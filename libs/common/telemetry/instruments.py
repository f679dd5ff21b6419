"""The process's instruments, made once from the names."""

from __future__ import annotations

from dataclasses import dataclass

from opentelemetry.metrics import Counter, Histogram, Meter, _Gauge

from libs.common.telemetry import names


@dataclass(frozen=True)
class Instruments:
    """Counters, histograms and gauges of one process."""

    operation_duration: Histogram
    sent: Counter
    consumed: Counter
    process_duration: Histogram
    request_duration: Histogram
    outcomes: Counter
    gauges: dict[str, _Gauge]

    @classmethod
    def of(cls, meter: Meter) -> Instruments:
        return cls(
            operation_duration=meter.create_histogram(names.OPERATION_DURATION, "s"),
            sent=meter.create_counter(names.SENT_MESSAGES, "{message}"),
            consumed=meter.create_counter(names.CONSUMED_MESSAGES, "{message}"),
            process_duration=meter.create_histogram(names.PROCESS_DURATION, "s"),
            request_duration=meter.create_histogram(names.REQUEST_DURATION, "s"),
            outcomes=meter.create_counter(names.INBOX_OUTCOMES, "{event}"),
            gauges={
                name: meter.create_gauge(name, unit, description)
                for name, (unit, description) in names.GAUGES.items()
            },
        )
