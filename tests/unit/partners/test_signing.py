"""Standard Webhooks to the letter, and secrets that are never kept."""

import json
import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.ids import new_id
from libs.common.partners.webhooks.keys import KeyMissing, PartnerKeys, Secret
from libs.common.partners.webhooks.signing import headers, secret_text, sign

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OLD_KEY, NEW_KEY = "o" * 32, "n" * 32


def test_the_specification_s_own_vector() -> None:
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_partner_s_library_accepts_either_secret_during_a_rotation() -> None:
    webhooks = pytest.importorskip("standardwebhooks.webhooks")
    endpoint, keys = new_id(), PartnerKeys([NEW_KEY])
    now = datetime.now(UTC)
    secrets = keys.rotate(keys.first(), now, timedelta(hours=1))
    raw = keys.in_force(endpoint, secrets, now)
    body = json.dumps({"tên": "Nguyễn"}, ensure_ascii=False).encode()
    sent = headers(raw, "msg", int(time.time()), body)
    for secret in raw:
        webhooks.Webhook(secret_text(secret)).verify(body, sent)
    with pytest.raises(webhooks.WebhookVerificationError):
        webhooks.Webhook(secret_text(b"x" * 32)).verify(body, sent)


def test_a_rotation_keeps_the_secret_before_for_the_overlap_and_no_other() -> None:
    endpoint, keys = new_id(), PartnerKeys([NEW_KEY])
    first = keys.first()
    second = keys.rotate(first, NOW, timedelta(hours=1))
    third = keys.rotate(second, NOW, timedelta(hours=1))
    assert len(keys.in_force(endpoint, second, NOW)) == 2
    [alone] = keys.in_force(endpoint, second, NOW + timedelta(hours=1))
    assert alone == keys.in_force(endpoint, third, NOW)[1]
    assert keys.in_force(endpoint, first, NOW)[0] not in keys.in_force(endpoint, third, NOW)


def test_what_is_kept_is_no_secret_and_makes_the_same_one_again() -> None:
    endpoint, keys = new_id(), PartnerKeys([NEW_KEY])
    kept = [one.as_json() for one in keys.rotate(keys.first(), NOW, timedelta(hours=1))]
    again = [Secret.of(one) for one in json.loads(json.dumps(kept))]
    assert len(set(keys.in_force(endpoint, again, NOW))) == 2
    assert NEW_KEY not in json.dumps(kept)
    assert keys.in_force(new_id(), again, NOW) != keys.in_force(endpoint, again, NOW)


def test_a_key_is_replaced_while_both_are_set() -> None:
    endpoint, old = new_id(), PartnerKeys([OLD_KEY])
    made = old.first()
    both, new = PartnerKeys.parse(f"{NEW_KEY}, {OLD_KEY}"), PartnerKeys([NEW_KEY])
    assert both.in_force(endpoint, made, NOW) == old.in_force(endpoint, made, NOW)
    with pytest.raises(KeyMissing):
        new.in_force(endpoint, made, NOW)
    rotated = both.rotate(made, NOW, timedelta(hours=1))
    assert new.in_force(endpoint, rotated, NOW + timedelta(hours=2))


@pytest.mark.parametrize("text", ["", "short", f"{NEW_KEY},short"])
def test_a_short_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="PARTNER_KEY"):
        PartnerKeys.parse(text)
