"""What every service has besides its own: operators' routes of the bus, common daily work;
and, where it has partners outside, who they are and how they are told.
"""

from dataclasses import replace

from libs.common.messaging import ticks as messaging_ticks
from libs.common.messaging.operations import api as messaging_api
from libs.common.partners.api import partners_router
from libs.common.partners.reconciling import operating
from libs.common.partners.webhooks import api as webhooks_api
from libs.common.partners.webhooks.ticks import FORGET
from libs.common.security.audit import SEALER
from libs.common.service import Service
from libs.common.web.idempotency import PURGE


def on_common_floor(service: Service) -> Service:
    """The service together with what all services share."""
    if service.partners is not None:
        service = replace(
            service,
            internal_routers=(
                *service.internal_routers,
                partners_router(service.name),
                webhooks_api.router,
            ),
            ticks=(*service.ticks, FORGET),
        )
    if service.reconciles:
        routers = (*service.internal_routers, operating.router)
        service = replace(service, internal_routers=routers)
    return replace(
        service,
        internal_routers=(*service.internal_routers, messaging_api.router),
        ticks=(*service.ticks, *messaging_ticks.TICKS, SEALER, PURGE),
    )
