"""The committed Python clients are what the generator makes of the committed descriptions."""

import pytest

from tools.client.generating import PACKAGES, committed, generate


@pytest.mark.parametrize("service", PACKAGES)
def test_committed_client_is_what_the_description_gives(service: str) -> None:
    """`make client` writes it anew."""
    assert generate(service) == committed(service)
