"""What an officer records alone, without a change request: whatever takes one person to decide."""

from collections.abc import Callable
from datetime import date

from libs.common.database import Transaction
from libs.common.security.encryption import Vault
from services.registry.changes import wording
from services.registry.changes.carrying import standing_of
from services.registry.changes.domain import Kind, persons_for
from services.registry.changes.facts import changes_between
from services.registry.households import acts
from services.registry.households.acts import Stated, Written
from services.registry.vault import acts as vault_acts
from services.registry.vault.acts import PersonIdentity


async def correct_alone(
    tx: Transaction,
    stated: Stated,
    effective_on: date,
    today: date,
    require_version: Callable[[int], None],
) -> Written:
    """Correct a household, where neither class nor identity is touched and no other commune.

    Raises:
        Problem: as the correction; 409 for what two persons have to decide.
    """
    home = stated.facts.household_id
    before, _ = await standing_of(tx, [home])
    written = await acts.correct(tx, stated, effective_on, today, require_version)
    after, _ = await standing_of(tx, [home])
    persons = persons_for(
        Kind.CORRECTION,
        changes_between(before, after),
        today,
        between_communes=before[home].household.commune != after[home].household.commune,
    )
    if persons.count > 1:
        raise wording.takes_two(persons.reason)
    return written


async def record_alone(tx: Transaction, vault: Vault, one: PersonIdentity, today: date) -> None:
    """Record who a member is, where no other name or number is known; the household's head is
    locked. Where a person is reached is not who it is: one officer replaces an address.

    Raises:
        Problem: as the record; 409 for what two persons have to decide.
    """
    if await vault_acts.replaces_known(tx, vault, one):
        persons = persons_for(Kind.IDENTITY, (), today, between_communes=False)
        raise wording.takes_two(persons.reason)
    await vault_acts.record(tx, vault, [one])
