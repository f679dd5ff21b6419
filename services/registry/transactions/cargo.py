"""What an endpoint of the registry is told: answers, notifications, or plain webhooks."""

from libs.common.clock import Clock
from libs.common.database import Transaction
from libs.common.partners.webhooks.cargo import Cargo
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.partners.webhooks.store import Endpoint
from services.registry.subscriptions import store as subscriptions
from services.registry.subscriptions.notify import NotifyCargo
from services.registry.transactions import store
from services.registry.transactions.callbacks import CallbackCargo


class NoKeys(Exception):
    """ANSINH_DCI_KEYS, ANSINH_IDENTIFIER_KEY or ANSINH_VAULT_KEYS is not set where partners are
    told.
    """


async def cargo_of(
    tx: Transaction, endpoint: Endpoint, partners: PartnerSettings, clock: Clock
) -> Cargo | None:
    """None: a webhook.

    Raises:
        NoKeys: nothing can be signed, or nobody named; it waits.
    """
    subscription = await subscriptions.find_of_endpoint(tx, endpoint.endpoint_id)
    is_origin = await store.is_origin(tx, endpoint.endpoint_id)
    if subscription is None and not is_origin:
        return None
    if partners.dci is None or partners.vault is None:
        raise NoKeys
    if subscription is not None:
        return NotifyCargo(subscription, partners.dci, partners.vault, clock)
    return CallbackCargo(partners.dci, partners.vault, clock)
