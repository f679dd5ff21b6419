"""The job behind imports: read, check, take; each page of each phase is one transaction.

Killed anywhere, the next run goes on after the last page that stands: pages are the same for the
same bytes, ids are derived, and what was written is found by its code.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO, NamedTuple
from uuid import UUID

import asyncpg

from libs.common import faults
from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.files.reading import Line
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.audit import AuditLine, write_line
from libs.common.security.encryption import Vault
from libs.common.service import Tick, VaultTick
from services.registry.households import acts as households
from services.registry.households.correcting import correct_all
from services.registry.imports import domain, matching, page_store, reasons, staging, store
from services.registry.imports.domain import ImportState, Settled
from services.registry.imports.form import IN_REVIEWS, keys_along
from services.registry.imports.judged import Judgement
from services.registry.imports.judging import Judge
from services.registry.imports.page_store import ClaimedPage
from services.registry.imports.reasons import error_of, reason_of
from services.registry.imports.staging import Page, packed, pages_of, unpacked
from services.registry.imports.store import StoredImport
from services.registry.vault import acts as vault_acts

ACT = "POST /v1/imports/{import_id}/confirm"
CHECK = "POST /v1/imports/{import_id}/close"
KEPT_FOR = timedelta(days=30)
# While pages wait for the database, the next one is read and judged.
PAGES_AT_ONCE = 3
# After an attempt at a page of which nothing more is heard; less than a day in all. The last one is
# only as long as a page may take: then it is given up.
WAITS = (*(timedelta(seconds=15 * 4**n) for n in range(7)), timedelta(hours=1))
_MOST_ATTEMPTS = len(WAITS)
_TOLD_OVER = timedelta(days=1)
_AFTER = {"read": "checked", "checked": "taken"}  # what a page is once it is worked
_WORKED = (ImportState.CHECKING, ImportState.TAKING)

Outcome = dict[int, tuple[Settled, list[FieldError]]]
Known = dict[int, tuple[UUID, UUID | None]]


class Came(NamedTuple):
    """What came of lines, whom of the register each is about, and which of them say that their
    number is of somebody out of sight.
    """

    outcome: Outcome
    known: Known
    unseen: frozenset[int]


class _TooMany(Exception):
    """A page would tell of more persons out of sight than a day's: nothing of it is kept."""

    def __init__(self, lines: Sequence[int], elsewhere: int) -> None:
        super().__init__()
        self.lines = lines
        self.elsewhere = elsewhere


async def run_imports(database: Database, clock: Clock, vault: Vault) -> None:
    """Go on with every import that is not waiting for a person; safe to repeat, to interrupt and
    to run side by side.
    """
    failed: list[Exception] = []
    await _read_all(database, vault, failed)
    ended = True
    while ended:
        async with asyncio.TaskGroup() as group:
            for _ in range(PAGES_AT_ONCE):
                group.create_task(_work_all(database, vault, clock.today(), failed))
        async with database.transaction() as tx:
            ended = await store.finish_phases(tx)
    if failed:
        raise ExceptionGroup("imports", failed)


async def forget_imports(database: Database, clock: Clock) -> None:
    """What was sent is not kept for longer than mending it may take."""
    while True:
        async with database.transaction() as tx:
            if not await store.forget_before(tx, clock.now() - KEPT_FOR):
                return


async def _read_all(database: Database, vault: Vault, failed: list[Exception]) -> None:
    """Stage the rows of every import that waits for it, each tried once."""
    tried: set[UUID] = set()
    while True:
        async with database.transaction() as tx:
            sent = await store.claim_reading(tx, tried)
        if sent is None:
            return
        tried.add(sent.import_id)
        async with database.pool.acquire() as holder:
            if not await store.hold_reading(holder, sent.import_id):
                continue  # another job reads it
            try:
                await _read_or_refuse(database, vault, sent)
            except Exception as error:
                failed.append(error)
            finally:
                await store.let_go(holder, sent.import_id)


async def _read_or_refuse(database: Database, vault: Vault, sent: StoredImport) -> None:
    async with database.transaction() as tx:
        if not await store.note_attempt(tx, sent.import_id):
            return
    if sent.attempts >= _MOST_ATTEMPTS:
        await _refuse(database, sent, [error_of("file", reasons.FILE_FAILED)])
        return
    try:
        await _read(database, vault, sent)
    except Problem as problem:
        await _refuse(database, sent, problem.errors)


async def _read(database: Database, vault: Vault, sent: StoredImport) -> None:
    with TemporaryFile() as file:  # no name: gone with the process
        await _bring(database, vault, sent, file)
        async with database.transaction() as tx:
            done = await page_store.last_page(tx, sent.import_id)
        ignored: list[tuple[str, str]] = []
        pages = enumerate(pages_of(file, vault.hash_key, staging.PAGE_LINES, ignored), 1)
        while (numbered := await asyncio.to_thread(_next_page, pages)) is not None:
            number, page = numbered
            if number > done and not await _stage(database, vault, sent, number, page):
                return
    async with database.transaction() as tx:
        found = await store.find_import(tx, sent.import_id, lock=True)
        if found is not None and found.state is ImportState.READING:
            told = [title for name, title in ignored if name in IN_REVIEWS]
            notices = [asdict(reasons.not_taken(title)) for title in told]
            await store.finish_reading(tx, sent.import_id, notices)


async def _bring(database: Database, vault: Vault, sent: StoredImport, file: IO[bytes]) -> None:
    """The file as it was sent, whole."""
    digest = hashlib.sha256()
    for part in range(1, sent.parts + 1):
        async with database.transaction() as tx:
            sealed = await store.sealed_part(tx, sent.import_id, part)
        content = vault.keys.open_bytes(sealed, f"{sent.import_id}/part/{part}")
        digest.update(content)
        await asyncio.to_thread(file.write, content)
    if digest.digest() != sent.digest:
        raise Problem(422, "import.digest", DIGEST.message, [DIGEST])
    file.seek(0)


async def _stage(
    database: Database, vault: Vault, sent: StoredImport, number: int, page: Page
) -> bool:
    """Keep a page; false where the import is not to be read any more."""
    sealed = vault.keys.seal_bytes(packed(page.lines), f"{sent.import_id}/page/{number}")
    async with database.transaction() as tx:
        found = await store.find_import(tx, sent.import_id, lock=True)
        if found is None or found.state is not ImportState.READING:
            return False
        if await page_store.last_page(tx, sent.import_id) < number:
            await page_store.keep_page(
                tx, sent.import_id, number, len(page.lines), sealed, page.keys, page.numbers
            )
        faults.at("before_import_page_read")
    return True


async def _work_all(database: Database, vault: Vault, today: date, failed: list[Exception]) -> None:
    """Check or take pages until none is due. One that fails is put off, and the others go on."""
    while True:
        async with database.transaction() as tx:
            page = await page_store.claim_page(tx, WAITS)
        if page is None:
            return
        if page.attempts > _MOST_ATTEMPTS:  # nothing was heard of the last one: it killed its job
            await _give_up(database, page)
            continue
        try:
            try:
                async with database.transaction() as tx:
                    await _work_page(tx, vault, page, today)
                    faults.at("before_import_page_commit")
            except _TooMany as found:
                await _refuse_page(database, page, found)
            faults.at("after_import_page_commit")
        except Exception as error:
            if page.attempts == _MOST_ATTEMPTS:
                await _give_up(database, page)
            failed.append(error)


async def _give_up(database: Database, page: ClaimedPage) -> None:
    """A page was tried as often as it may be: its lines are refused, so that the import comes to
    its end.
    """
    async with database.transaction() as tx:
        await store.find_import(tx, page.import_id, lock=True)  # the file first, as who cancels it
        if await page_store.give_up(tx, page):
            problem = [asdict(error_of("file", reasons.PAGE_FAILED))]
            await store.note_problem(tx, page.import_id, problem)


async def _refuse_page(database: Database, page: ClaimedPage, found: _TooMany) -> None:
    """Nothing is said of a page's lines but that they asked too much. A file that is being checked
    is refused whole in the same transaction, so that nobody confirms it in between; of one that is
    being taken, what was taken stays.
    """
    refused = (Settled.REFUSED, [reason_of(error_of("", reasons.TOO_MANY))], None, None)
    problem = [asdict(error_of("file", reasons.TOO_MANY))]
    async with database.transaction() as tx:
        # The file first, as whoever cancels it: its pages come after.
        sent = await store.find_import(tx, page.import_id, lock=True)
        sealed = await page_store.hold_page(tx, page)
        if sent is None or sealed is None or sent.state not in _WORKED:
            return  # cancelled in between, or another job's
        told = [(line, *refused) for line in found.lines]
        await page_store.settle_page(tx, page, _AFTER[page.state], told, sealed, found.elsewhere)
        if sent.state is ImportState.CHECKING:
            await store.move_on(tx, sent.import_id, ImportState.REFUSED, problem=problem)
            await store.forget_rows(tx, sent.import_id)
        else:
            await store.note_problem(tx, sent.import_id, problem)


async def _work_page(tx: Transaction, vault: Vault, page: ClaimedPage, today: date) -> None:
    """Check or take a page.

    Raises:
        _TooMany: it asks for too many persons out of sight.
    """
    sealed = await page_store.hold_page(tx, page)
    sent = await store.find_import(tx, page.import_id)
    if sealed is None or sent is None or sent.state not in _WORKED:
        return  # cancelled in between, or another job's
    await store.enter(tx, sent.communes)
    context = f"{sent.import_id}/page/{page.page}"
    lines = unpacked(vault.keys.open_bytes(sealed, context))
    judge = Judge(sent, vault, today)
    if page.state == "read":
        judgement = await judge.judge(tx, lines, locks=False)
        await _audit(tx, sent, "read", CHECK, sent.caller, judgement.read)
        kept = None
        came = _came(judgement)
    else:
        came = await _take(tx, judge, lines)
        refused = [line for line in lines if came.outcome[line.number][0] is Settled.REFUSED]
        kept = vault.keys.seal_bytes(packed(refused), context) if refused else None
    elsewhere = len(came.unseen)
    if await _asks_too_much(tx, sent, page, elsewhere):
        raise _TooMany(list(came.outcome), elsewhere)
    told = [
        (n, settled, [reason_of(e) for e in errors], *came.known.get(n, (None, None)))
        for n, (settled, errors) in came.outcome.items()
    ]
    await page_store.settle_page(tx, page, _AFTER[page.state], told, kept, elsewhere)


async def _asks_too_much(
    tx: Transaction, sent: StoredImport, page: ClaimedPage, elsewhere: int
) -> bool:
    """Whether more persons out of sight than a day's would be told of. That a number is somebody's
    is not told without end, by a file as little as by a request (`vault/guessing.py`). What the
    dry run has told, the taking may tell again.
    """
    more = elsewhere - page.elsewhere
    if more <= 0:
        return False
    since = tx.recorded_at - _TOLD_OVER
    told = await page_store.told_elsewhere(tx, sent.caller, sent.import_id, since)
    return told + more > domain.MOST_ELSEWHERE


def _came(judgement: Judgement) -> Came:
    return Came(dict(judgement.settled), dict(judgement.known), frozenset(judgement.unseen))


async def _take(
    tx: Transaction, judge: Judge, lines: Sequence[Line], *, again: bool = True
) -> Came:
    """Write what the lines state. What the database refuses is tried by halves, so that only the
    household at fault is refused; a single one is judged anew once, as the register may have
    changed beside it.
    """
    try:
        async with tx.connection.transaction():
            judgement = await judge.judge(tx, lines, locks=True)
            await _write(tx, judge, judgement)
            return _came(judgement)
    except (Problem, asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
        starts = [next(group).number for _, group in groupby(lines, keys_along())]
        if len(starts) > 1:
            middle = starts[len(starts) // 2]
            before = [line for line in lines if line.number < middle]
            after = [line for line in lines if line.number >= middle]
            one, other = [await _take(tx, judge, half) for half in (before, after)]
            return Came(
                one.outcome | other.outcome, one.known | other.known, one.unseen | other.unseen
            )
        if again:
            return await _take(tx, judge, lines, again=False)
        failed = error.errors[0] if isinstance(error, Problem) and error.errors else None
        reason = error_of("", reasons.FAILED)
        if failed is not None:
            reason = FieldError("", failed.rule, failed.message, failed.fix)
        outcome = {line.number: (Settled.REFUSED, [reason]) for line in lines}
        return Came(outcome, {}, frozenset())


async def _write(tx: Transaction, judge: Judge, judgement: Judgement) -> None:
    sent = judge.sent
    if judgement.new:
        await households.register(tx, judgement.new, judge.today, judgement.units)
    await correct_all(
        tx, judgement.heads, judgement.corrections, judgement.units, sent.effective_on
    )
    for are_new in (True, False):
        changes = [o for o in judgement.changes if (o.person_id in judgement.made) is are_new]
        await vault_acts.record(tx, judge.vault, changes, are_new=are_new)
    new = {one.facts.household_id for one in judgement.new}
    await matching.keep_codes(tx, judgement.codes, new)
    written = new | {one.facts.household_id for one in judgement.corrections}
    written |= {change.household_id for change in judgement.changes}
    await _audit(tx, sent, "write", ACT, sent.confirmed_by or sent.caller, sorted(written))


async def _audit(
    tx: Transaction,
    sent: StoredImport,
    kind: str,
    act: str,
    caller: str,
    subjects: Sequence[UUID],
) -> None:
    if not subjects:
        return
    line = AuditLine(
        caller=caller,
        roles=sent.roles,
        kind=kind,
        act=act,
        subject_kind="household",
        subjects=tuple(subjects),
        purpose=sent.purpose,
        correlation_id=sent.correlation_id,
        trace_id=None,
    )
    await write_line(tx, line)


async def _refuse(database: Database, sent: StoredImport, errors: Sequence[FieldError]) -> None:
    async with database.transaction() as tx:
        found = await store.find_import(tx, sent.import_id, lock=True)
        if found is None or found.state is not ImportState.READING:
            return
        problem = [asdict(error) for error in errors]
        await store.move_on(tx, sent.import_id, ImportState.REFUSED, problem=problem)
        await store.forget_rows(tx, sent.import_id)


def _next_page(pages: Iterator[tuple[int, Page]]) -> tuple[int, Page] | None:
    return next(pages, None)


DIGEST = FieldError(
    "/digest",
    "import.digest",
    Text("Tệp nhận được khác tệp đã báo.", "The file that came is not the one announced."),
    Text("Gửi lại tệp từ đầu.", "Send the file again from its beginning."),
)


RUN = VaultTick("registry.imports", timedelta(seconds=1), run_imports)
FORGET = Tick("registry.imports.forget", timedelta(hours=1), forget_imports)
