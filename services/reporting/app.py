"""The reporting service: what the province knows, as of any day and as known on any day."""

from functools import cache

from libs.common.areas.handlers import areas_consumer
from libs.common.citizens.api import file_router
from libs.common.messaging.consumer import Consumer, Shape
from libs.common.problems import Text
from libs.common.service import Service
from services.reporting.citizens.sections import SECTIONS
from services.reporting.effects import api as effects
from services.reporting.effects.handlers import on_effect
from services.reporting.facts.handlers import on_household
from services.reporting.indicators import api as indicators
from services.reporting.timeline import api as timeline
from services.reporting.timeline.handlers import on_event


@cache  # one declaration, so one router of each
def build() -> Service:
    """The service, whole."""
    return Service(
        name="reporting",
        title=Text("Báo cáo", "Reporting"),
        routers=(indicators.router, effects.router, timeline.router, file_router(SECTIONS)),
        consumers=(
            areas_consumer("reporting.areas"),
            Consumer("reporting.facts", Shape.SET_INSERT, on_household),
            Consumer("reporting.effects", Shape.SET_INSERT, on_effect),
            Consumer("reporting.timeline", Shape.SET_INSERT, on_event),
        ),
    )
