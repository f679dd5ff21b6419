"""The job behind large decisions: takes up what was accepted, does it once, shows how far it is.

The effect is one transaction: killed half-way it leaves nothing, and the next run begins anew.
Progress is written beside it, because nobody else can see into an open transaction.
"""

from dataclasses import asdict
from uuid import UUID

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.problems import Problem
from services.registry.reviews import documents
from services.registry.reviews.acts import carry_out
from services.registry.reviews.documents import StoredDecision


async def run_decisions(database: Database, clock: Clock) -> None:
    """Carry out every decision that waits; safe to repeat, to interrupt and to run side by side."""
    while await run_next_decision(database):
        pass


async def run_next_decision(database: Database) -> bool:
    """Carry out one decision; answers whether there was one to take."""
    async with database.transaction() as tx:
        decision = await documents.claim_decision(tx)
        if decision is None:
            return False
        await _run(database, tx, decision)
        return True


async def _run(database: Database, tx: Transaction, decision: StoredDecision) -> None:
    decision_id: UUID = decision.document.decision_id

    async def advance(rows_done: int) -> None:
        async with database.transaction() as beside:
            await documents.advance(beside, decision_id, rows_done)

    async with database.transaction() as beside:
        await documents.begin_attempt(beside, decision_id)
    sheet = await documents.read_staged(tx, decision_id)
    try:
        async with tx.connection.transaction():  # a refusal undoes this part only
            await carry_out(tx, decision.document, sheet, advance)
    except Problem as problem:
        errors = [asdict(error) for error in problem.errors]
        await documents.finish(tx, decision_id, "refused", errors)
    else:
        await documents.finish(tx, decision_id, "done", [])
