"""A search that is answered later: once to tell how it stands, and again when its answer leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from libs.common.areas.scope import ScopeCache
from libs.common.database import Transaction
from libs.common.dci.messages import SearchRequest
from libs.common.dci.partners import DciPartner
from libs.common.dci.settings import DciSettings
from libs.common.partners.scoping import scope_within
from libs.common.security.encryption import Vault
from services.registry.dci.search import Answer, Reach, Surroundings, search
from services.registry.dci.store import CommuneNames
from services.registry.transactions.domain import Outcome, outcome_of


@dataclass(frozen=True)
class Searcher:
    """What a process keeps between searches.

    Attributes:
        vault: what names are sealed under; None: of what is found only how it stands is told.
    """

    settings: DciSettings
    vault: Vault | None = None
    names: CommuneNames = field(default_factory=CommuneNames)
    scopes: ScopeCache = field(default_factory=ScopeCache)

    async def search(
        self,
        tx: Transaction,
        partner: DciPartner,
        asked: Mapping[str, Any],
        areas: Sequence[str],
        correlation_id: UUID,
        day: date,
    ) -> Answer:
        """What the partner may be answered now.

        Args:
            asked: the message.
            areas: of the token that it came with; what is answered lies in the registration's too.
        """
        scope = await scope_within(tx, self.scopes, partner.registration.terms, areas, day)
        request = SearchRequest.model_validate(asked)
        key = self.settings.identifier_key
        around = Surroundings(day, key, self.names, self.scopes, self.vault)
        reach = Reach.of(partner, scope.communes)
        return await search(tx, request, reach, around, str(correlation_id))


def outcome_of_search(answer: Answer) -> Outcome:
    """How its items stand, without what was found."""
    items = from_json(answer.message)["search_response"]
    return outcome_of(
        [{name: value for name, value in one.items() if name != "data"} for one in items]
    )
