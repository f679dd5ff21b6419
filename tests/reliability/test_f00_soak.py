"""F00: all faults at random under load, each at least once over RabbitMQ; see
`tests.reliability.soak`, `make soak` for longer.
"""

import gc
from collections.abc import Callable

import pytest

from tests.reliability.soak import soak

SEED = 2611


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("transport", "seconds"),
    [
        pytest.param("rabbitmq", None, marks=pytest.mark.rabbitmq),
        pytest.param("local", 10),
    ],
)
async def test_each_change_has_each_effect_once_whatever_happens(
    transport: str, seconds: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    done = await soak(seconds, SEED, transport, _printing(capsys))
    gc.collect()  # sockets that were cut while they were made: here, and not in the next test
    assert done["acts"] > 0
    assert sum(done.values()) > done["acts"]  # something did go wrong


def _printing(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def say(line: str) -> None:
        print(line)  # noqa: T201  (shown where the test fails)

    return say
