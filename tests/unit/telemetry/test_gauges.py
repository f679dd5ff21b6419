"""A gauge says what was told lately, and nothing of what nobody measures any more."""

from opentelemetry.metrics import CallbackOptions

from libs.common.telemetry.instruments import FORGOTTEN_SECONDS, Gauge

CREDIT, REPORTING = {"ansinh.service": "credit"}, {"ansinh.service": "reporting"}


class Times:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def said(gauge: Gauge) -> list[tuple[dict[str, object], float]]:
    found = gauge.observe(CallbackOptions())
    return [(dict(one.attributes or {}), one.value) for one in found]


def test_the_last_value_of_each_label_counts_at_every_look() -> None:
    gauge = Gauge(Times())
    gauge.tell(1, CREDIT)
    gauge.tell(5, REPORTING)
    gauge.tell(2, CREDIT)
    assert said(gauge) == said(gauge) == [(CREDIT, 2), (REPORTING, 5)]


def test_what_nobody_tells_any_more_is_absent() -> None:
    now = Times()
    gauge = Gauge(now)
    gauge.tell(1, CREDIT)
    now.now = FORGOTTEN_SECONDS
    gauge.tell(5, REPORTING)
    assert said(gauge) == [(CREDIT, 1), (REPORTING, 5)]
    now.now += 1
    assert said(gauge) == [(REPORTING, 5)]


def test_of_several_tellers_the_highest_counts() -> None:
    now = Times()
    gauge = Gauge(now)
    gauge.tell(7, CREDIT, "queue")
    now.now = FORGOTTEN_SECONDS
    gauge.tell(2, CREDIT)
    assert said(gauge) == [(CREDIT, 7)]
    now.now += 1
    assert said(gauge) == [(CREDIT, 2)]
