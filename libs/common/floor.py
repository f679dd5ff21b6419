"""What every service has besides its own: operators' routes of the bus, common daily work."""

from dataclasses import replace

from libs.common.messaging import ticks as messaging_ticks
from libs.common.messaging.operations import api as messaging_api
from libs.common.security.audit import SEALER
from libs.common.service import Service
from libs.common.web.idempotency import PURGE


def on_common_floor(service: Service) -> Service:
    """The service together with what all services share."""
    return replace(
        service,
        internal_routers=(*service.internal_routers, messaging_api.router),
        ticks=(*service.ticks, *messaging_ticks.TICKS, SEALER, PURGE),
    )
