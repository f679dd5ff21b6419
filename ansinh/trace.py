"""`ansinh trace HOUSEHOLD`: everything that followed from a household's acts, as a tree with times:
from the chairman's signature to each partner's answer.

Read from the services' ledgers, inboxes, deliveries and feed readers over their internal APIs, so
it is complete without a collector and without sampling.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ansinh.ops.client import Operator
from ansinh.services import NAMES
from libs.common.clock import VIETNAM

Said = dict[str, Any]
_INSTANT = "%d/%m/%Y %H:%M:%S"


@dataclass
class Trace:
    """What was said in a household's acts, in the order of recording, and what came of it.

    Attributes:
        receipts: of our own consumers, by event.
        told: partners, by event.
        answers: what partners did, by act and instant: the events of both are their answer.
    """

    said: list[Said] = field(default_factory=list)
    receipts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[tuple[str, datetime], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def answered_by(self, entry: Said) -> list[str]:
        """Which partner said this, and how; nobody, where it is no partner's answer."""
        return self.answers.get(_act_of(entry), [])


async def print_trace(operator: Operator, household: UUID) -> int:
    """Print the tree; answers 1 where nothing is known of the household."""
    trace = await read_trace(operator, household)
    if not trace.said:
        print("Không có gì về hộ này / nothing is known of this household.")
        return 1
    for line in draw(trace):
        print(line)
    return 0


async def read_trace(operator: Operator, household: UUID) -> Trace:
    """What every service said in the acts of a household, who received it and what was answered.

    A referral or an area unit is traced in the same way.
    """
    acts: set[str] = set()
    for name in NAMES:  # time's own acts begin in eligibility, the bank's in credit
        found = await operator.get(name, "trace", subject=str(household))
        acts |= {said["correlation_id"] for said in found["said"]}
    said: dict[str, Said] = {}
    for act in sorted(acts):
        for name in NAMES:
            for entry in (await operator.get(name, "trace", correlation_id=act))["said"]:
                said[entry["event_id"]] = {**entry, "service": name}
    # What the bank did, and what a new rate did, are acts of their own on a referral or a loan.
    for stream in ("referral", "loan"):
        for subject in sorted({e["subject"] for e in said.values() if e["stream"] == stream}):
            for entry in (await operator.get("credit", "trace", subject=subject))["said"]:
                said[entry["event_id"]] = {**entry, "service": "credit"}
        if stream == "loan":  # one act may state many households' loans
            break
        new = {entry["correlation_id"] for entry in said.values()} - acts
        for act in sorted(new):  # a payment opens a loan
            for entry in (await operator.get("credit", "trace", correlation_id=act))["said"]:
                said[entry["event_id"]] = {**entry, "service": "credit"}
    trace = Trace(sorted(said.values(), key=lambda entry: entry["recorded_at"]))
    await add_partners(operator, trace, NAMES)
    return trace


async def add_partners(operator: Operator, trace: Trace, services: Iterable[str]) -> None:
    """Ask services who received what was said, which partners were told, what they did."""
    for name in services:
        for chunk in _chunks([entry["event_id"] for entry in trace.said], 100):
            answer = await operator.get(name, "trace", event_id=chunk)
            for receipt in answer["receipts"]:
                trace.receipts[receipt["event_id"]].append(receipt)
            for told in answer["told"]:
                trace.told[told["event_id"]].append(told)
            for done in answer["answered"]:
                said = trace.answers[_act_of(done)]
                line = f"{done['partner']}: {done['act']}"
                if line not in said:
                    said.append(line)


def draw(trace: Trace) -> Iterator[str]:
    """The lines of the tree: each event under the one that caused it, receipts with their delay."""
    known = {entry["event_id"] for entry in trace.said}
    children: dict[str | None, list[Said]] = defaultdict(list)
    for entry in trace.said:
        cause = entry["causation_id"]
        children[cause if cause in known else None].append(entry)

    def branch(entry: Said, depth: int, begun: datetime) -> Iterator[str]:
        indent = "  " * depth
        recorded = datetime.fromisoformat(entry["recorded_at"])
        when = _after(begun, recorded) if depth else f"{recorded.astimezone(VIETNAM):{_INSTANT}}"
        yield f"{indent}{entry['service']}: {entry['type']} v{entry['version']}  {when}"
        for answer in trace.answered_by(entry):
            yield f"{indent}  ◀ {answer}"
        for receipt in trace.receipts.get(entry["event_id"], ()):
            if receipt["finished_at"]:
                took = _after(begun, datetime.fromisoformat(receipt["finished_at"]))
                yield f"{indent}  ✓ {receipt['consumer']}  {took}"
        for told in trace.told.get(entry["event_id"], ()):
            yield f"{indent}  ▶ {told['partner']} {road_of(told)}  {_reached(told, begun)}"
        for child in children[entry["event_id"]]:
            yield from branch(child, depth + 1, begun)

    for root in children[None]:
        yield from branch(root, 0, datetime.fromisoformat(root["recorded_at"]))


def _act_of(entry: dict[str, Any]) -> tuple[str, datetime]:
    return entry["correlation_id"], datetime.fromisoformat(entry["recorded_at"])


def road_of(told: dict[str, Any]) -> str:
    return "feed" if told["road"] == "feed" else "webhook"


def _reached(told: dict[str, Any], begun: datetime) -> str:
    """When it was there; before that, or where it never will be, how it stands."""
    if told["state"] in ("delivered", "read"):
        return _after(begun, datetime.fromisoformat(told["at"]))
    return f"{told['state']} ({told['attempts']})"


def _after(begun: datetime, then: datetime) -> str:
    return f"+{(then - begun).total_seconds():.3f} s"


def _chunks(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
