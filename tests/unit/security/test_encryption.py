"""Values at rest: opened by who has the key, as what they are about, and as they were sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.security.encryption import (
    HEADER_BYTES,
    Altered,
    KeyMissing,
    KeyRing,
    name_of,
)

OLD, NEW = "o" * 32, "n" * 32


@given(st.text(), st.text())
def test_what_is_sealed_is_opened(value: str, about: str) -> None:
    ring = KeyRing([NEW])
    sealed = ring.seal(value, about)
    assert ring.open(sealed, about) == value
    assert sealed != ring.seal(value, about), "no two are alike"


def test_a_value_moved_to_another_row_or_changed_does_not_open() -> None:
    ring = KeyRing([NEW])
    sealed = ring.seal("Lý Thị Mai", "person_name 1")
    with pytest.raises(Altered):
        ring.open(sealed, "person_name 2")
    for place in range(HEADER_BYTES, len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(Altered) as refused:
            ring.open(bytes(broken), "person_name 1")
        assert "Mai" not in str(refused.value)
    with pytest.raises(Altered):
        ring.open(sealed[: HEADER_BYTES + 4], "person_name 1")


def test_the_newest_key_seals_and_older_ones_still_open() -> None:
    before, during, after = KeyRing([OLD]), KeyRing.parse(f"{NEW}, {OLD}"), KeyRing([NEW])
    sealed = before.seal("095123456", "a")
    assert during.open(sealed, "a") == "095123456"
    with pytest.raises(KeyMissing, match=name_of(before.newest)):
        after.open(sealed, "a")
    renewed = during.renew(sealed, "a")
    assert renewed.startswith(after.newest)
    assert after.open(renewed, "a") == "095123456"


@pytest.mark.parametrize("keys", ["", "short", f"{OLD},{OLD}", ",".join(["k" * 32] * 11)])
def test_keys_that_are_none_too_short_or_twice_are_refused(keys: str) -> None:
    with pytest.raises(ValueError, match="VAULT_KEYS") as refused:
        KeyRing.parse(keys)
    assert OLD not in str(refused.value)
