"""What follows from an attempt: waiting, giving up, pausing. Pure: instants are arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.common.messaging.settings import BackoffSettings
from libs.common.partners.webhooks.posting import Answer
from libs.common.partners.webhooks.settings import WebhookSettings
from libs.common.partners.webhooks.store import Claimed, Settled


def wait(settings: BackoffSettings, times: int, chance: float) -> timedelta:
    """How long to wait after so many failures.

    Args:
        times: from 1.
        chance: 0 to 1, spreads the waits over their upper half.
    """
    longest = settings.first_seconds * 2.0 ** min(times - 1, 40)
    return timedelta(seconds=min(longest, settings.most_seconds) * (0.5 + chance / 2))


def settle(
    claimed: Claimed,
    answer: Answer | None,
    now: datetime,
    settings: WebhookSettings,
    *,
    others_arrived_at: datetime | None,
    chance: float,
) -> Settled:
    """What becomes of a delivery.

    Args:
        answer: None where nothing was tried after all. What the partner refuses for good is given
            up at once.
        others_arrived_at: when the endpoint last accepted anything. What fails for days while
            others arrive is given up, and a person looks at it; while nothing arrives, all waits,
            and the time of a pause is not counted (`store.resume`).
    """
    if answer is None:
        return Settled(claimed.seq, claimed.attempts, "pending", now, is_unused=True)
    if answer.is_accepted:
        return Settled(claimed.seq, claimed.attempts, "delivered", now, answer.status)
    if answer.is_final:
        return Settled(claimed.seq, claimed.attempts, "failed", now, answer.status, answer.error)
    is_old = now - claimed.first_attempt_at >= settings.give_up
    is_alone = others_arrived_at is not None and others_arrived_at > claimed.first_attempt_at
    state = "failed" if is_old and is_alone else "pending"
    pause = max(
        wait(settings.retry, claimed.attempts, chance), timedelta(seconds=answer.wait_seconds)
    )
    return Settled(claimed.seq, claimed.attempts, state, now + pause, answer.status, answer.error)


@dataclass(frozen=True, slots=True)
class Health:
    """How a batch of attempts speaks of the endpoint.

    Attributes:
        failures: where nothing was accepted, how many.
        last_failure: what the last of them was.
    """

    succeeded: bool
    failures: int
    last_failure: Answer | None
    is_gone: bool
    last_status: int | None


def health_of(answers: Sequence[Answer]) -> Health:
    """In the order in which they came."""
    failed = [one for one in answers if not one.is_accepted]
    accepted = [one for one in answers if one.is_accepted]
    return Health(
        succeeded=bool(accepted),
        failures=0 if accepted else len(failed),
        last_failure=failed[-1] if failed else None,
        is_gone=any(one.error == "gone" for one in failed),
        last_status=accepted[-1].status if accepted else None,
    )


def probe_at(
    pause: str, paused_at: datetime, now: datetime, settings: WebhookSettings, chance: float
) -> datetime:
    """When to try a paused endpoint again: after as long as it has been away, within bounds.

    Not by how often it failed: attempts that were on the road together fail together.
    """
    if pause == "gone":
        return now + timedelta(seconds=settings.gone_seconds)
    away = (now - paused_at).total_seconds()
    seconds = min(max(away, settings.probe.first_seconds), settings.probe.most_seconds)
    return now + timedelta(seconds=seconds * (0.5 + chance / 2))
