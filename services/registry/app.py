"""The registry: areas, households and the decisions on their status."""

from datetime import timedelta
from functools import cache

from libs.common.dci import api as dci_partners
from libs.common.dci.door import standard
from libs.common.dci.replays import FORGET
from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service, Tick
from services.registry.areas import api as areas
from services.registry.changes import api as changes
from services.registry.citizens import api as citizens
from services.registry.citizens import retention
from services.registry.dci import api as dci
from services.registry.duplicates import api as duplicates
from services.registry.duplicates.work import SEARCH
from services.registry.exports import api as exports
from services.registry.households import api as households
from services.registry.imports import api as imports
from services.registry.imports import work as imports_work
from services.registry.intake import api as intake
from services.registry.intake import operating as intake_operating
from services.registry.intake import work as intake_work
from services.registry.purposes import api as purposes
from services.registry.reorganisations import api as reorganisations
from services.registry.reorganisations.work import run_reorganisations
from services.registry.reviews import api as reviews
from services.registry.reviews.work import run_decisions
from services.registry.rights import api as rights
from services.registry.screens.frame import screens
from services.registry.timeline import api as timeline
from services.registry.transactions import api as transactions
from services.registry.transactions import work
from services.registry.transactions.cargo import cargo_of
from services.registry.vault import api as vault
from services.registry.vault.rotation import ROTATE


@cache  # one declaration, so one router of each
def build() -> Service:
    """The registry's routes and its work."""
    return Service(
        name="registry",
        title=Text("Sổ hộ", "Registry"),
        routers=(
            areas.router,
            exports.router,
            households.router,
            duplicates.router,
            timeline.router,
            imports.router,
            purposes.router,
            reviews.router,
            rights.router,
            vault.router,
            vault.persons,
            citizens.router,
            reorganisations.router,
            changes.router,
        ),
        internal_routers=(
            households.internal_router,
            dci_partners.router,
            intake_operating.router,
        ),
        ticks=(
            Tick("registry.decisions", timedelta(seconds=1), run_decisions),
            Tick("registry.reorganisations", timedelta(seconds=1), run_reorganisations),
            FORGET,
            work.FORGET,
            intake_work.FORGET,
            retention.FORGET,
            imports_work.FORGET,
        ),
        vault_ticks=(ROTATE, SEARCH, imports_work.RUN),
        partners=Role.PARTNER,
        cargo_of=cargo_of,
        partner_ticks=(work.WORK,),
        standards=(standard(dci.router, transactions.router, intake.router),),
        screens=screens(),
    )
