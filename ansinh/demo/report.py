"""What the demo prints: the province's report, and what followed by programme."""

from datetime import date
from typing import Any

from ansinh.demo.client import Client
from ansinh.demo.population import ALL_HOUSEHOLDS, PROVINCE, STANDARD
from libs.common.security.roles import Role

PUBLISHED = {"poor": (21_946, "26.93"), "near_poor": (7_935, "9.74")}
_CLASSES = (
    ("poor", "hộ nghèo / poor"),
    ("near_poor", "hộ cận nghèo / near-poor"),
    ("newly_escaped", "hộ mới thoát nghèo / newly escaped"),
)


async def province_report(client: Client, on: date) -> tuple[list[str], dict[str, Any]]:
    """The report of the province on a day: its lines and the answer they were made from."""
    answer = await client.get(
        Role.PROVINCE,
        f"/reporting/v1/areas/{PROVINCE}/indicators",
        on=on.isoformat(),
        standard=STANDARD,
    )
    whole = answer["denominator"]
    lines = [
        f"{answer['area']['name']} · {on:%d/%m/%Y} · {STANDARD}",
        f"  {whole['households']:>7,} hộ / households ({whole['source']})"
        if whole
        else "  tổng số hộ chưa có / no count of all households",
    ]
    for name, label in _CLASSES:
        stock = answer[name]
        rate = stock["household_rate_percent"]
        share = f"{rate} %" if rate is not None else "–"
        lines.append(
            f"  {stock['households']:>7,} {label:<36} {share:>8}   "
            f"{stock['persons']:,} người / persons"
        )
    return lines, answer


async def effects_report(client: Client, on: date) -> list[str]:
    """What followed, by programme."""
    answer = await client.get(
        Role.PROVINCE, f"/reporting/v1/areas/{PROVINCE}/effects", on=on.isoformat()
    )
    lines = ["Sau quyết định / what followed:"]
    lines += [
        f"  {row['referrals']:>7,} giới thiệu vay vốn / bank referrals, chương trình / programme "
        f"{row['programme']}: {row['state']}"
        for row in answer["referrals"]
    ]
    lines += [
        f"  {row['subjects']:>7,} người có BHYT / persons on the insurance roll, nhóm / group "
        f"{row['code']}"
        for row in answer["insurance_roll"]
    ]
    lines += [
        f"  {row['subjects']:>7,} người được đề nghị học nghề / persons offered training, "
        f"{row['code']}"
        for row in answer["training_offers"]
    ]
    return lines


def differs_from_published(answer: dict[str, Any]) -> list[str]:
    """Where the report of the full population is not what was published; empty when it is."""
    wrong = []
    if not answer["denominator"] or answer["denominator"]["households"] != ALL_HOUSEHOLDS:
        wrong.append("households")
    for name, (households, rate) in PUBLISHED.items():
        if answer[name]["households"] != households:
            wrong.append(f"{name}: {answer[name]['households']} != {households}")
        if str(answer[name]["household_rate_percent"]) != rate:
            wrong.append(f"{name}: {answer[name]['household_rate_percent']} % != {rate} %")
    return wrong
