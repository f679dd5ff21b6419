"""The credit service: who was referred to the social-policy bank, for what, and its loans."""

from datetime import timedelta
from functools import cache

from libs.common.areas.handlers import areas_consumer
from libs.common.citizens.api import file_router
from libs.common.partners.feed import feed_router
from libs.common.partners.reconciling import work as reconciling
from libs.common.partners.reconciling.api import reconciliations_router
from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service, Tick
from services.credit.citizens.sections import SECTIONS
from services.credit.files import api as files_api
from services.credit.files.work import forget_files, run_files
from services.credit.groups import api as groups_api
from services.credit.lists import api as lists_api
from services.credit.loans import api as loans_api
from services.credit.needs import api as needs_api
from services.credit.plans import api as plans_api
from services.credit.reconciling.store import LISTS
from services.credit.referrals import api as referrals_api
from services.credit.referrals.handlers import referrals_consumer
from services.credit.referrals.pricing import current_price
from services.credit.sweeps import api as sweeps_api
from services.credit.sweeps.sweeping import sweep_due
from services.credit.terms import api as terms_api


@cache  # one declaration, so one router of each
def build() -> Service:
    """The service, whole."""
    return Service(
        name="credit",
        title=Text("Tín dụng chính sách", "Credit"),
        routers=(
            referrals_api.router,
            needs_api.router,
            lists_api.router,
            loans_api.router,
            groups_api.router,
            file_router(SECTIONS),
            plans_api.router,
            terms_api.router,
            files_api.router,
            feed_router(Role.BANK),
            reconciliations_router(Role.BANK, LISTS),
        ),
        internal_routers=(sweeps_api.router,),
        consumers=(areas_consumer("credit.areas"), referrals_consumer(current_price())),
        ticks=(
            Tick("credit.sweep", timedelta(seconds=1), sweep_due),
            Tick("credit.files", timedelta(seconds=1), run_files),
            Tick("credit.forget_files", timedelta(hours=6), forget_files),
            *reconciling.ticks(LISTS),
        ),
        partners=Role.BANK,
        reconciles=True,
    )
