"""`ansinh trace HOUSEHOLD`: everything that followed from a household's acts, as a tree with times.

Read from the services' ledgers and inboxes over their internal APIs, so it is complete without a
collector and without sampling.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ansinh.ops.client import Operator
from ansinh.services import NAMES
from libs.common.clock import VIETNAM

Said = dict[str, Any]
Receipt = dict[str, Any]


async def print_trace(operator: Operator, household: UUID) -> int:
    """Print the tree; answers 1 where nothing is known of the household."""
    said, receipts = await read_trace(operator, household)
    if not said:
        print("Không có gì về hộ này / nothing is known of this household.")
        return 1
    for line in draw(said, receipts):
        print(line)
    return 0


async def read_trace(
    operator: Operator, household: UUID
) -> tuple[list[Said], dict[str, list[Receipt]]]:
    """What every service said in the acts of a household, and who received it.

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
        new = {entry["correlation_id"] for entry in said.values()} - acts
        for act in sorted(new):  # a payment opens a loan
            for entry in (await operator.get("credit", "trace", correlation_id=act))["said"]:
                said[entry["event_id"]] = {**entry, "service": "credit"}
        acts |= new
    receipts: dict[str, list[Receipt]] = defaultdict(list)
    for name in NAMES:
        for chunk in _chunks(list(said), 100):
            answer = await operator.get(name, "trace", event_id=chunk)
            for receipt in answer["receipts"]:
                receipts[receipt["event_id"]].append(receipt)
    return sorted(said.values(), key=lambda entry: entry["recorded_at"]), receipts


def draw(said: Sequence[Said], receipts: Mapping[str, Sequence[Receipt]]) -> Iterator[str]:
    """The lines of the tree: each event under the one that caused it, receipts with their delay."""
    known = {entry["event_id"] for entry in said}
    children: dict[str | None, list[Said]] = defaultdict(list)
    for entry in said:
        cause = entry["causation_id"]
        children[cause if cause in known else None].append(entry)

    def branch(entry: Said, depth: int, begun: datetime) -> Iterator[str]:
        indent = "  " * depth
        recorded = datetime.fromisoformat(entry["recorded_at"])
        after = (recorded - begun).total_seconds()
        when = f"+{after:.3f} s" if depth else f"{recorded.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
        yield f"{indent}{entry['service']}: {entry['type']} v{entry['version']}  {when}"
        for receipt in receipts.get(entry["event_id"], ()):
            if receipt["finished_at"]:
                done = datetime.fromisoformat(receipt["finished_at"])
                took = f"+{(done - begun).total_seconds():.3f} s"
                yield f"{indent}  ✓ {receipt['consumer']}  {took}"
        for child in children[entry["event_id"]]:
            yield from branch(child, depth + 1, begun)

    for root in children[None]:
        yield from branch(root, 0, datetime.fromisoformat(root["recorded_at"]))


def _chunks(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
