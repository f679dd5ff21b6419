"""Which road an endpoint of the registry is: answers, notifications, or a plain webhook."""

from libs.common.clock import Clock
from libs.common.database import Transaction
from libs.common.partners.webhooks.roads import Road
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.partners.webhooks.store import Endpoint
from services.registry.subscriptions import store as subscriptions
from services.registry.subscriptions.notify import NotifyRoad
from services.registry.transactions import store
from services.registry.transactions.callbacks import CallbackRoad


class NoKeys(Exception):
    """ANSINH_DCI_KEYS or ANSINH_IDENTIFIER_KEY is not set where partners are told."""


async def road_of(
    tx: Transaction, endpoint: Endpoint, partners: PartnerSettings, clock: Clock
) -> Road | None:
    """None: a webhook.

    Raises:
        NoKeys: nothing can be signed; it waits.
    """
    subscription = await subscriptions.find_of_endpoint(tx, endpoint.endpoint_id)
    is_origin = await store.is_origin(tx, endpoint.endpoint_id)
    if subscription is None and not is_origin:
        return None
    if partners.dci is None:
        raise NoKeys
    if subscription is not None:
        return NotifyRoad(subscription, partners.dci, clock)
    return CallbackRoad(partners.dci, clock)
