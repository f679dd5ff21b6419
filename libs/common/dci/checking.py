"""Whether a partner's DCI terms can mean anything: every broken rule with its field. Pure."""

from collections.abc import Iterator, Mapping

from libs.common.dci.keys import ED25519, BadKey, public_key
from libs.common.dci.partners import DciTerms, listed
from libs.common.dci.signatures import Profile
from libs.common.partners.webhooks.addresses import Refused, parse
from libs.common.problems import FieldError, Problem, Text


def check(partner: str, terms: DciTerms, senders: Mapping[str, str], *, unsigned: bool) -> None:
    """Refuse keys that verify nothing, addresses that lead nowhere, another partner's id.

    Args:
        senders: each known sender's id with the partner that it is.
        unsigned: whether the profile `unsigned` may be registered here.

    Raises:
        Problem: 422, with every broken rule.
    """
    errors = [*_keys(terms, unsigned=unsigned), *_urls(terms)]
    if senders.get(terms.sender_id, partner) != partner:
        errors.append(
            _error(
                "/sender_id",
                "dci.sender_taken",
                Text("Mã người gửi này thuộc đối tác khác.", "The sender is another partner."),
                Text("Chọn mã khác.", "Choose another id."),
            )
        )
    if errors:
        title = Text("Đăng ký DCI không hợp lệ.", "The DCI registration is refused.")
        raise Problem(422, "dci.refused", title, errors)


def _keys(terms: DciTerms, *, unsigned: bool) -> Iterator[FieldError]:
    if terms.profile is Profile.UNSIGNED:
        if not unsigned:
            yield _error(
                "/profile",
                "dci.unsigned",
                Text("Không nhận thông điệp không ký.", "Unsigned messages are not taken here."),
                Text("Chọn cách ký khác.", "Choose a profile that signs."),
            )
        return
    keys = listed(terms.keys)
    if not keys:
        yield _bad_key("/keys", "no key")
    known = set()
    for place, jwk in enumerate(keys):
        try:
            key = public_key(jwk)
        except BadKey as error:
            yield _bad_key(f"/keys/{place}", str(error))
            continue
        if key.kid in known or set(key.kid) & set('|",') or len(key.kid) > 255:
            yield _bad_key(f"/keys/{place}/kid", "named twice, or not a name")
        known.add(key.kid)
        if terms.profile is not Profile.JWS and key.algorithm != ED25519:
            yield _bad_key(f"/keys/{place}", "this profile signs with Ed25519")


def _urls(terms: DciTerms) -> Iterator[FieldError]:
    named = [(f"/callback_urls/{place}", url) for place, url in enumerate(terms.callback_urls)]
    if terms.notify_url is not None:
        named.append(("/notify_url", terms.notify_url))
    for pointer, url in named:
        try:
            parse(url)
        except Refused:
            yield _error(
                pointer,
                "dci.url",
                Text("Không phải địa chỉ http(s) đúng.", "It is no well-formed http(s) address."),
                Text("Gửi địa chỉ https đầy đủ.", "Give a whole https address."),
            )


def _bad_key(pointer: str, why: str) -> FieldError:
    return _error(
        pointer,
        "dci.key",
        Text(f"Khóa không dùng được ({why}).", f"The key cannot be used: {why}."),
        Text("Gửi khóa công khai Ed25519 dạng JWK.", "Give the public Ed25519 key as a JWK."),
    )


def _error(pointer: str, rule: str, message: Text, fix: Text) -> FieldError:
    return FieldError(pointer, rule, message, fix)
