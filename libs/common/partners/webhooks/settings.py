"""Every duration and limit of the webhooks, so that tests can run them at a fiftieth."""

from dataclasses import dataclass, field
from datetime import timedelta

from libs.common.dci.settings import DciSettings
from libs.common.messaging.settings import BackoffSettings
from libs.common.partners.webhooks.addresses import Networks
from libs.common.partners.webhooks.keys import PartnerKeys
from libs.common.security.encryption import Vault

_RETRY = BackoffSettings(5.0, 3_600.0)
_PROBE = BackoffSettings(5.0, 300.0)
_BACKOFF = BackoffSettings()


@dataclass(frozen=True)
class WebhookSettings:
    """How webhooks are sent.

    Attributes:
        poll_seconds: between looks for something new, where a wake-up was lost.
        wait_seconds: until the next look while an open writer holds the ledger's end back.
        planned: deliveries on their way to one endpoint; what is more stays in the ledger.
        concurrency: requests to one endpoint at a time.
        batch: deliveries claimed at a time, at most; it starts with twice the concurrency.
        lease_seconds: how long a claimed delivery is left to its claimer.
        answer_seconds: for one attempt, from the name to the answer's end.
        answer_bytes: read of an answer; the rest is not waited for.
        retry: waits of one delivery, with jitter.
        give_up: a delivery that fails for so long, while others arrive, is given up.
        pause_after: failures in a row after which an endpoint is paused and only probed.
        probe: waits between probes; gone_seconds: after a 410.
        kept: how long a settled delivery stays on record.
    """

    poll_seconds: float = 2.0
    wait_seconds: float = 0.1
    planned: int = 2_000
    concurrency: int = 16
    batch: int = 256
    lease_seconds: float = 90.0
    answer_seconds: float = 15.0
    answer_bytes: int = 65_536
    retry: BackoffSettings = _RETRY
    give_up: timedelta = timedelta(hours=72)
    pause_after: int = 10
    probe: BackoffSettings = _PROBE
    gone_seconds: float = 3_600.0
    kept: timedelta = timedelta(days=30)
    backoff: BackoffSettings = _BACKOFF


@dataclass(frozen=True)
class PartnerSettings:
    """What a process with partners is told from outside.

    Attributes:
        dci: who we are by the DCI standard; None: no key is set.
        vault: what values of persons are sealed under, where names are told; None: no key is set.
    """

    keys: PartnerKeys
    networks: Networks
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    dci: DciSettings | None = None
    vault: Vault | None = None
