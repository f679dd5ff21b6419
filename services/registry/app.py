"""The registry: areas, households and the decisions on their status."""

from datetime import timedelta

from libs.common.problems import Text
from libs.common.service import Service, Tick
from services.registry.areas import api as areas
from services.registry.households import api as households
from services.registry.reviews import api as reviews
from services.registry.reviews.work import run_decisions


def build() -> Service:
    """The registry's routes and its work."""
    return Service(
        name="registry",
        title=Text("Sổ hộ", "Registry"),
        routers=(areas.router, households.router, reviews.router),
        internal_routers=(households.internal_router,),
        ticks=(Tick("registry.decisions", timedelta(seconds=1), run_decisions),),
    )
