"""The bank lays its list beside An Sinh's (đối chiếu), by the public road alone."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ansinh.demo.bank.reading import Account
from ansinh.demo.counterpart.client import Client
from ansinh.demo.counterpart.modes import Mode
from libs.common.files import write_whole

FILE = "reconciled.json"
LINES_OF_A_PAGE = 20  # so that a small bank has several
_POLL_SECONDS = 0.2
_COLUMNS = (
    "referral_id source principal paid_on months balance_in_term balance_overdue balance_frozen "
    "interest_in_term interest_overdue interest_frozen balance_on"
).split()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of it: lines on An Sinh's list, lines that both say alike, and what differs."""

    reconciliation_id: str
    ours: int
    agreed: int
    differences: list[str]


def keep_reconciled(folder: Path, serial: int, found: Reconciled) -> None:
    """Keep what came of it, for whoever told the bank to do it by that telling."""
    write_whole(folder / FILE, json.dumps({"serial": serial, "found": asdict(found)}))


def read_reconciled(folder: Path, serial: int) -> Reconciled | None:
    """What came of that telling; None: nothing yet."""
    try:
        values = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Reconciled(**values["found"]) if values["serial"] == serial else None


async def reconcile(
    client: Client, accounts: Sequence[Account], day: date, modes: frozenset[Mode]
) -> Reconciled:
    """Every loan of the books, as of a day; whoever doubles its writes sends each page twice.

    A refusal is a difference too.

    Raises:
        Unreachable: not now; nothing is lost, another one is opened.
    """
    try:
        return await _reconcile(client, accounts, day, modes)
    except _Refused as refused:
        return Reconciled("", 0, 0, [str(refused)])


class _Refused(Exception):
    """An Sinh does not take a step of it."""


async def _reconcile(
    client: Client, accounts: Sequence[Account], day: date, modes: frozenset[Mode]
) -> Reconciled:
    asked = {"list": "loans", "as_of": day.isoformat(), "columns": _COLUMNS}
    one = (await _ask(client, "POST", "", json=asked))["reconciliation_id"]
    pages = [
        accounts[begin : begin + LINES_OF_A_PAGE]
        for begin in range(0, len(accounts), LINES_OF_A_PAGE)
    ]
    for number, page in enumerate(pages, 1):
        text = "\n".join([_heading(), *map(_line, page)])
        for _ in range(2 if Mode.DUPLICATING in modes else 1):
            await _ask(
                client,
                "PUT",
                f"/{one}/pages/{number}",
                content=text.encode(),
                headers={"Content-Type": "text/csv"},
            )
    found = await _ask(client, "POST", f"/{one}/close", json={"pages": len(pages)})
    while found["state"] != "done":
        await asyncio.sleep(_POLL_SECONDS)
        found = await _ask(client, "GET", f"/{one}")
    differences: list[str] = []
    query: dict[str, Any] = {"limit": 200}
    while found["differences"]:
        part = await _ask(client, "GET", f"/{one}/differences", params=query)
        differences += map(_told, part["items"])
        if part["next"] is None:
            break
        query["after"] = part["next"]
    return Reconciled(one, found["ours"], found["agreed"], differences)


def _heading() -> str:
    return ",".join(["contract_number", *_COLUMNS])


def _line(account: Account) -> str:
    """Nothing is overdue or frozen at a bank this young."""
    values = (
        account.contract_number,
        account.referral_id,
        account.source,
        account.principal,
        account.paid_on,
        account.months,
        account.owed,
        *(0, 0),
        account.interest,
        *(0, 0),
        account.owed_on,
    )
    return ",".join(map(str, values))


def _told(difference: Mapping[str, Any]) -> str:
    what = (difference["key"] or f"dòng / line {difference['page']}:{difference['line']}",)
    field = (difference["field"], difference["theirs"], "≠", difference["ours"])
    said = field if difference["kind"] == "differs" else (difference["kind"],)
    return " ".join(str(one) for one in (*what, *said))


async def _ask(client: Client, method: str, path: str, **content: Any) -> Mapping[str, Any]:
    reply = await client.call(method, f"/v1/reconciliations{path}", **content)
    if not reply.is_done:
        raise _Refused(f"{method} {path}: {reply.code} {reply.detail}")
    return reply.body
