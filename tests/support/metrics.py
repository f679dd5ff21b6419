"""A `/metrics` answer, read."""

from collections import defaultdict
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

Labels = Mapping[str, str]


class Samples:
    """The samples of one answer, or of several together."""

    def __init__(self) -> None:
        self.found: dict[str, list[tuple[Labels, float]]] = defaultdict(list)

    def add(self, text: str) -> None:
        """One more answer."""
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self.found[sample.name].append((sample.labels, sample.value))

    def labels(self, name: str) -> list[Labels]:
        """Of every sample of this name."""
        return [labels for labels, _ in self.found[name]]

    def value(self, name: str, **wanted: str) -> float:
        """The value with these labels; NaN where nobody says it."""
        values = [
            value for labels, value in self.found[name] if wanted.items() <= dict(labels).items()
        ]
        return max(values, default=float("nan"))

    def lag(self, consumer: str) -> float:
        return self.value("consumer_lag_seconds", ansinh_consumer=consumer)

    def alive(self, consumer: str) -> float:
        return self.value("consumer_alive", ansinh_consumer=consumer)

    def dead_letters(self, consumer: str) -> float:
        return self.value("dlq_messages", ansinh_consumer=consumer)

    def horizon(self, service: str) -> float:
        return self.value("ledger_horizon_age_seconds", ansinh_service=service)


def samples(text: str) -> Samples:
    found = Samples()
    found.add(text)
    return found
