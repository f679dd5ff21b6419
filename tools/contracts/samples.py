"""Golden samples: one household of xã Nghiên Loan from its registration to the bank's payment.

Nobody's data: ids are made from words, dates are chosen. Each file is a batch as it stands on the
wire, and every later version of the readers must still read it.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from libs.common.clock import start_of_day
from libs.common.contracts.catalogue import EVENT_TYPES
from libs.common.contracts.envelope import encode
from tools.contracts.sample_effects import (
    card_events,
    entitlement_events,
    loan_events,
    offer_events,
    referral_events,
    roll_events,
)
from tools.contracts.sample_household import (
    POOR_FROM,
    WRITTEN_AT,
    Said,
    area_events,
    household_events,
    household_life,
    sample_id,
)


def sample_batches() -> dict[str, list[dict[str, Any]]]:
    """Event type to the events of its sample, as JSON values."""
    batches: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for said in _story():
        batches[said.type].append(json.loads(_encoded(said)))
    return dict(sorted(batches.items()))


def _encoded(said: Said) -> bytes:
    moment = f"{said.type} {said.subject} {said.version}"
    return encode(
        event_id=sample_id(moment),
        source=f"/services/{EVENT_TYPES[said.type].source}",
        event_type=said.type,
        subject=said.subject,
        version=said.version,
        time=start_of_day(said.on),
        recorded_at=WRITTEN_AT + timedelta(days=(said.on - POOR_FROM).days),
        correlation_id=sample_id(f"act of {said.on}"),
        causation_id=None if said.type.startswith(("household", "area")) else sample_id("cause"),
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        data=said.data,
    )


def _story() -> Iterator[Said]:
    yield from area_events()
    yield from household_events()
    yield from household_life()
    yield from entitlement_events()
    yield from roll_events()
    yield from card_events()
    yield from offer_events()
    yield from referral_events()
    yield from loan_events()
