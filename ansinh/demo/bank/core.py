"""A round of the bank: read what An Sinh says, decide and promise, tell what is promised.

Each step is written down before the next one leaves the house. Between an answer of An Sinh and its
tick in the books the process may die: the next run tells the same again, and An Sinh, which knows
it, changes nothing.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from ansinh.demo.bank.books import Books
from ansinh.demo.bank.cases import View
from ansinh.demo.bank.rules import Rules, slip
from ansinh.demo.bank.writes import Line, PaymentWrite, Write, name_of
from ansinh.demo.counterpart.books import MOST_REFUSALS
from ansinh.demo.counterpart.client import Client, CursorGone, Reply, taken_of
from ansinh.demo.counterpart.control import Control
from ansinh.demo.counterpart.modes import Mode, arrange, is_slip, page_size
from libs.common import faults

_REFERRAL, _LOAN = "referral.changed.v1", "loan.changed.v1"


class Core:
    """The bank at work."""

    def __init__(self, books: Books, client: Client, rules: Rules) -> None:
        self._books = books
        self._client = client
        self._rules = rules
        self._rounds = 0

    async def round(self, control: Control) -> bool:
        """One round; False: there was nothing to do and nothing is left.

        Raises:
            Unreachable: An Sinh does not answer; what was promised stays promised.
        """
        self._rounds += 1
        today, modes = control.today, control.modes
        is_more = await self._read_feed(today, page_size(modes))
        if self._books.is_rereading:
            return True
        with self._books.writing():
            signed = self._books.sign(today)
            stated = self._books.close_months(today)
        sent = await self._tell(today, modes)
        return bool(is_more or signed or stated or sent)

    async def _read_feed(self, today: date, limit: int) -> bool:
        """A page of the feed goes into the books together with its cursor."""
        try:
            page = await self._client.changes(self._books.cursor(), limit)
        except CursorGone:
            with self._books.writing():
                self._books.begin_again()
            return True
        with self._books.writing():
            for event in page["items"]:
                self._take(event, today)
            self._books.move_cursor(page["next"])
            if self._books.is_rereading and not page["has_more"]:
                self._books.catch_up(self._rules, today)
        return bool(page["items"] or page["has_more"])

    def _take(self, event: Mapping[str, Any], today: date) -> None:
        if event["type"] == _REFERRAL:
            self._books.absorb(View.of_event(event), self._rules, today)
        elif event["type"] == _LOAN and event.get("data"):
            self._books.note_loan(event["data"], int(event["sequence"]))

    async def _tell(self, today: date, modes: frozenset[Mode]) -> int:
        """What is promised, or as much of it as leaves in one round."""
        writes = arrange(self._books.unsent(), modes, self._rounds)
        for write in writes:
            await self._tell_one(write, today, modes)
        lines = arrange(self._books.untold_statements(), modes, self._rounds)
        if lines and (not writes or Mode.SLOW not in modes):
            await self._state(lines[: page_size(modes)], today, modes)
        return len(writes) + len(lines)

    async def _tell_one(self, write: Write, today: date, modes: frozenset[Mode]) -> None:
        name, body = name_of(write), write.body()
        if isinstance(write, PaymentWrite) and is_slip(
            write.contract_number, modes, self._books.refusals_of(name)
        ):
            body["amount"] = slip(write.amount)
        faults.at(f"before_{write.kind}_call")
        reply = await self._client.put(
            f"/v1/referrals/{write.referral_id}/{write.kind}",
            name,
            body,
            self._books.version_of(write.referral_id),
            twice=Mode.DUPLICATING in modes,
        )
        faults.at(f"after_{write.kind}_call")
        if reply.is_done and reply.version is not None:
            with self._books.writing():
                self._books.tick_off(write, reply.version)
                self._books.absorb(View.of(reply.body, reply.version), self._rules, today)
        else:
            await self._look_again(write, reply, today)

    async def _look_again(self, write: Write, refused: Reply, today: date) -> None:
        """It was not taken: keep why, and see how the referral stands now."""
        seen = await self._client.get(f"/v1/referrals/{write.referral_id}")
        name = name_of(write)
        with self._books.writing():
            if not refused.is_stale:
                times = self._books.record_problem(
                    name, today, refused.status, refused.code, refused.detail
                )
                if times >= MOST_REFUSALS:
                    self._books.void(write.case_id)
            if seen.is_done and seen.version is not None:
                self._books.absorb(View.of(seen.body, seen.version), self._rules, today)

    async def _state(self, lines: list[Line], today: date, modes: frozenset[Mode]) -> None:
        """A page of monthly statements; each line is taken or refused by itself."""
        faults.at("before_statements_call")
        reply = await self._client.post(
            "/v1/loans/statements",
            "statements",
            {"lines": [line.body() for line in lines]},
            twice=Mode.DUPLICATING in modes,
        )
        faults.at("after_statements_call")
        with self._books.writing():
            self._books.tick_off_lines(taken_of(lines, reply, partial(self._refused, today)))

    def _refused(self, today: date, line: Line, status: int, code: str, detail: str) -> None:
        if self._books.record_problem(line.name, today, status, code, detail) >= MOST_REFUSALS:
            self._books.give_up_line(line)
