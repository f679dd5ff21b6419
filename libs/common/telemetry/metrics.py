"""What an operator asks, as numbers. Every function is a no-op while telemetry is off.

Labels are names of ours only (service, consumer, destination, outcome): never an id.
"""

from collections.abc import Mapping

from libs.common.telemetry import names
from libs.common.telemetry.setup import active


def count_published(
    about: Mapping[str, str | int],
    messages: int,
    seconds: float,
    *,
    refused: Mapping[str, int] | None = None,
    error: str | None = None,
) -> None:
    """A relay batch went out, or not.

    Args:
        about: the transport's.
        messages: how many the transport has taken, or, with `error`, had been sent.
        seconds: until the last confirm, or the failure.
        refused: how many messages it cannot take, by reason.
        error: why nothing is known about the whole batch.
    """
    telemetry = active()
    if telemetry is None:
        return
    labels = {
        **about,
        names.OPERATION_NAME: names.PUBLISH,
        names.OPERATION_TYPE: names.TYPE_SEND,
    }
    failed = {} if error is None else {names.ERROR_TYPE: error}
    telemetry.instruments.operation_duration.record(seconds, {**labels, **failed})
    if messages:
        telemetry.instruments.sent.add(messages, {**labels, **failed})
    for reason, count in (refused or {}).items():
        telemetry.instruments.sent.add(count, {**labels, names.ERROR_TYPE: reason})


def count_processed(
    about: Mapping[str, str | int],
    consumer: str,
    messages: int,
    seconds: float,
    outcomes: Mapping[str, int],
) -> None:
    """A micro-batch ended.

    Args:
        about: system, destination and server, as the transport says.
        consumer: the subscription's name.
        messages: how many messages it held.
        seconds: from the first byte decoded to the commit.
        outcomes: how many events became what; keys of `names.OUTCOMES`.
    """
    telemetry = active()
    if telemetry is None:
        return
    labels = {
        **about,
        names.OPERATION_NAME: names.PROCESS,
        names.OPERATION_TYPE: names.TYPE_PROCESS,
        names.CONSUMER_GROUP: consumer,
    }
    telemetry.instruments.process_duration.record(seconds, labels)
    telemetry.instruments.consumed.add(messages, labels)
    for outcome, count in outcomes.items():
        if count:
            telemetry.instruments.outcomes.add(
                count, {names.CONSUMER: consumer, names.OUTCOME: outcome}
            )


def count_settled(about: Mapping[str, str | int], seconds: float) -> None:
    """A micro-batch was acknowledged; `about` as of `count_processed`."""
    telemetry = active()
    if telemetry is None:
        return
    labels = {**about, names.OPERATION_NAME: names.ACK, names.OPERATION_TYPE: names.TYPE_SETTLE}
    telemetry.instruments.operation_duration.record(seconds, labels)


def count_request(service: str, method: str, route: str, status: int, seconds: float) -> None:
    """A request was answered; `route` is the template, never the path."""
    telemetry = active()
    if telemetry is None:
        return
    telemetry.instruments.request_duration.record(
        seconds,
        {
            names.SERVICE: service,
            names.HTTP_METHOD: method,
            names.HTTP_ROUTE: route,
            names.HTTP_STATUS: status,
        },
    )


def count_webhook(
    service: str, partner: str, seconds: float, *, status: int | None, error: str | None
) -> None:
    """One attempt to deliver a webhook ended.

    Args:
        partner: the registration's slug.
        status: of the answer; None where there was none.
        error: the kind of failure; None: it was accepted.
    """
    telemetry = active()
    if telemetry is None:
        return
    labels: dict[str, str | int] = {names.SERVICE: service, names.PARTNER: partner}
    if status is not None:
        labels[names.HTTP_STATUS] = status
    if error is not None:
        labels[names.ERROR_TYPE] = error
    telemetry.instruments.deliveries.add(1, labels)
    telemetry.instruments.delivery_duration.record(seconds, labels)


def gauge(name: str, value: float, *, teller: str = "", **labels: str) -> None:
    """Tell a gauge of `names.GAUGES`; labels are `service`, `consumer` or `partner`.

    Tell it again within a minute for as long as it is so. Of several tellers the highest value
    counts: see `instruments.Gauge`.
    """
    telemetry = active()
    if telemetry is None:
        return
    keys = {"service": names.SERVICE, "consumer": names.CONSUMER, "partner": names.PARTNER}
    telemetry.instruments.gauges[name].tell(
        value, {keys[label]: text for label, text in labels.items()}, teller
    )
