"""The eligibility service: who is entitled to what, the insurance roll, the training offers."""

from datetime import timedelta
from functools import cache

from libs.common.areas.handlers import areas_consumer
from libs.common.citizens.api import file_router
from libs.common.messaging.consumer import Consumer, Shape
from libs.common.partners.feed import feed_router
from libs.common.partners.reconciling import work as reconciling
from libs.common.partners.reconciling.api import reconciliations_router
from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service, Tick
from services.eligibility.cards import api as cards_api
from services.eligibility.citizens.sections import SECTIONS
from services.eligibility.entitlements import api as entitlements_api
from services.eligibility.entitlements.handlers import on_household
from services.eligibility.files import api as files_api
from services.eligibility.insurance import api as insurance_api
from services.eligibility.insurance.handlers import on_entitlements as draw_up_roll
from services.eligibility.reconciling.store import LISTS
from services.eligibility.sweeps import api as sweeps_api
from services.eligibility.sweeps.sweeping import sweep_due
from services.eligibility.training import api as training_api
from services.eligibility.training.handlers import on_entitlements as draw_up_offers


@cache  # one declaration, so one router of each
def build() -> Service:
    """The service, whole."""
    return Service(
        name="eligibility",
        title=Text("Xét quyền thụ hưởng chính sách", "Eligibility"),
        routers=(
            entitlements_api.router,
            insurance_api.router,
            cards_api.router,
            training_api.router,
            file_router(SECTIONS),
            files_api.router,
            feed_router(Role.INSURER),
            reconciliations_router(Role.INSURER, LISTS),
        ),
        internal_routers=(sweeps_api.router,),
        consumers=(
            areas_consumer("eligibility.areas"),
            Consumer("eligibility.entitlements", Shape.LATEST_WINS, on_household),
            Consumer("eligibility.insurance", Shape.LATEST_WINS, draw_up_roll),
            Consumer("eligibility.training", Shape.LATEST_WINS, draw_up_offers),
        ),
        ticks=(
            Tick("eligibility.sweep", timedelta(seconds=1), sweep_due),
            *reconciling.ticks(LISTS),
        ),
        partners=Role.INSURER,
        reconciles=True,
    )
