"""Outcome files are taken in and worked: a page of lines is one transaction.

Killed between or within pages, the next run goes on after the last page that stands. Each line is
counted once: recorded, unchanged or refused.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from libs.common.areas.scope import ScopeCache
from libs.common.clock import Clock
from libs.common.contracts.referral import CHANGED
from libs.common.database import Database, Transaction
from libs.common.files.reading import Line, read_table
from libs.common.ids import new_id
from libs.common.partners import registrations
from libs.common.partners.domain import Scope
from libs.common.partners.scoping import scope_within
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.audit import AuditLine, write_line
from libs.common.vocabulary import Result
from services.credit.files import store
from services.credit.files.form import FORM, READ, column_of, faults_of, told_of
from services.credit.files.store import Settled, StoredFile
from services.credit.needs.acts import Circumstances
from services.credit.outcomes.acts import Teller, record_outcomes
from services.credit.outcomes.domain import Outcome, Told
from services.credit.referrals.domain import Referral
from services.credit.referrals.pricing import current_price

ACT = "POST /v1/files/outcomes"
AT_ONCE = 1_000
KEPT_FOR = timedelta(days=90)
_MOST_ATTEMPTS = 8  # from the sixth on by single lines
_FAILED = FieldError(
    "",
    "line.failed",
    Text("Hệ thống không xử lý được dòng này.", "We could not work this line."),
    Text("Báo người vận hành, kèm mã tệp.", "Tell the operator, naming the file's id."),
)
_NOBODY = Scope((), (), frozenset(), ())


async def take_in(tx: Transaction, file: StoredFile, content: bytes) -> StoredFile:
    """Keep a file's lines; the same file, while it is still worked, is answered instead.

    It is read page by page beside the event loop, so that a large one neither fills memory nor
    holds others up.

    Raises:
        Problem: 422, the file cannot be read as a whole.
    """
    known = await store.insert_file(tx, file)
    if known is not None:
        return known
    lines, count = read_table(content, FORM), 0
    while page := await asyncio.to_thread(lambda: list(islice(lines, store.PAGE))):
        await store.insert_lines(tx, file.file_id, page)
        count += len(page)
    await store.count_lines(tx, file.file_id, count)
    return replace(file, lines=count)


def digest_of(content: bytes) -> bytes:
    """By which the same file is known again."""
    return hashlib.sha256(content).digest()


async def run_files(database: Database, clock: Clock) -> None:
    """Work every file that waits; safe to repeat, to interrupt and to run side by side."""
    cache = ScopeCache()
    while await run_next_page(database, clock.today(), cache):
        pass


async def run_next_page(database: Database, today: date, cache: ScopeCache) -> bool:
    """Work one page of one file; answers whether there was one.

    A page that fails for a reason of ours is tried again by fewer lines each time, so that the
    others count; a line that keeps failing alone is refused in the end, and said to be our fault.
    """
    file = None
    try:
        async with database.transaction() as tx:
            file = await store.claim_file(tx)
            if file is None:
                return False
            scope = await _scope(tx, file, today, cache)
            households = await work_page(tx, file, today, scope)
            await write_line(tx, _audit_line(file, households))
    except Exception:
        if file is not None:
            await _note_failure(database, file)
        raise
    return True


async def _note_failure(database: Database, file: StoredFile) -> None:
    async with database.transaction() as beside:
        if not await store.lock_unchanged(beside, file):
            return  # another job has got on with it meanwhile
        if file.attempts < _MOST_ATTEMPTS:
            await store.note_failure(beside, file.file_id)
            return
        lines = await store.next_lines(beside, file, 1)
        reasons = [_reason(_FAILED)]
        await store.settle(
            beside, file, [Settled(line.number, Result.REFUSED, reasons) for line in lines]
        )


async def work_page(tx: Transaction, file: StoredFile, today: date, scope: Scope) -> list[UUID]:
    """Work a file's next lines, those that the scope covers; answers whose they are."""
    lines = await store.next_lines(tx, file, max(store.PAGE >> 2 * file.attempts, 1))

    is_told = scope.reads(CHANGED)

    def may_see(referral: Referral) -> bool:
        is_here = scope.communes is None or referral.commune in scope.communes
        return is_told and is_here and scope.covers(f"credit.{referral.programme}")

    around = Circumstances(today, current_price(), file.correlation_id)
    told, settled = _told(lines)
    outcomes = await record_outcomes(tx, list(told.values()), Teller(file.caller, around, may_see))
    settled += [_settled(number, one) for number, one in zip(told, outcomes, strict=True)]
    await store.settle(tx, file, sorted(settled, key=lambda one: one.line))
    return list({one.household_id for one in outcomes if one.household_id is not None})


async def forget_files(database: Database, clock: Clock) -> None:
    """What partners sent is not kept for longer than a correction may take."""
    async with database.transaction() as tx:
        await store.forget_files(tx, clock.now() - KEPT_FOR)


def _told(lines: Sequence[Line]) -> tuple[dict[int, Told], list[Settled]]:
    """What can be read, by line, and what is refused because it cannot."""
    told: dict[int, Told] = {}
    refused = []
    for line in lines:
        errors = faults_of(line.faults)
        # Each line is an act of its own, so that following one household does not find them all.
        one = told_of(dict(zip(READ, line.cells, strict=True)), new_id(), errors)
        if one is None:
            refused.append(Settled(line.number, Result.REFUSED, [_reason(e) for e in errors]))
        else:
            told[line.number] = one
    return told, refused


def _settled(number: int, outcome: Outcome) -> Settled:
    problem = outcome.problem
    if problem is None:
        return Settled(number, outcome.result)
    errors = problem.errors or [_of_problem(problem)]
    reasons = [
        {**_reason(error), "column": column_of(outcome.step, error.pointer)} for error in errors
    ]
    return Settled(number, outcome.result, reasons)


def _of_problem(problem: Problem) -> FieldError:
    return FieldError("", problem.code, problem.title, problem.title)


def _reason(error: FieldError) -> dict[str, Any]:
    return {
        "column": error.pointer.removeprefix("/") or None,
        "rule": error.rule,
        "message": {"vi": error.message.vi, "en": error.message.en},
        "fix": {"vi": error.fix.vi, "en": error.fix.en},
    }


async def _scope(tx: Transaction, file: StoredFile, day: date, cache: ScopeCache) -> Scope:
    """What the file's partner may see today, within its sender's areas."""
    found = await registrations.find(tx, file.partner)
    if found is None or not found.terms.is_valid_on(day):
        return _NOBODY
    return await scope_within(tx, cache, found.terms, file.areas, day)


def _audit_line(file: StoredFile, households: Sequence[UUID]) -> AuditLine:
    return AuditLine(
        caller=file.caller,
        roles=file.roles,
        kind="write",
        act=ACT,
        subject_kind="household",
        subjects=tuple(households),
        purpose=file.purpose,
        correlation_id=file.correlation_id,
        trace_id=None,
    )
