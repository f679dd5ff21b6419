"""Change requests in every state, of a household of their own, for the matrix of routes."""

from datetime import date
from uuid import UUID

from libs.common.ids import new_id
from libs.common.vocabulary import Disability, Employment, Schooling
from services.registry.changes import acts
from services.registry.changes.acts import Wish
from services.registry.changes.asking import HouseholdRef
from services.registry.changes.domain import Kind
from services.registry.changes.people import MemberCorrectionIn
from services.registry.changes.proposals import FactCorrectionIn
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

_DAY = date(2022, 5, 1)
# Each of another fact, so that none stands against another.
_WRONG: dict[str, dict[str, object]] = {
    "approve": {"schooling": Schooling.PRIMARY},
    "refuse": {"employment": Employment.FARMING},
    "withdraw": {"disability": Disability.MILD},
    "endorse": {"birth_year": 1975},
}


async def ask_for_changes(
    database: ServiceDatabase, commune: str, household: UUID, person: UUID
) -> dict[str, UUID]:
    """Open requests on a newly registered household, by what is to become of them."""
    asked = {}
    async with database.as_api() as connections:
        for act, facts in _WRONG.items():
            correction = MemberCorrectionIn.model_validate({"person_id": person, **facts})
            wish = Wish(
                proposal=FactCorrectionIn(
                    kind=Kind.CORRECTION,
                    household=HouseholdRef(household_id=household, version=1),
                    members=[correction],
                ),
                evidence={
                    "kind": "application",
                    "issued_on": _DAY.isoformat(),
                    "issued_by": "UBND",
                    "file_hash": None,
                },
                evidence_number="1/2022",
                evidence_on=_DAY,
                effective_on=_DAY,
                by="tester" if act == "withdraw" else "asker",
                correlation_id=new_id(),
            )
            async with connections.transaction(commune) as tx:
                change = await acts.ask(tx, VAULT, wish, _DAY.replace(month=6))
            asked[act] = change.ask.change_id
    return asked
