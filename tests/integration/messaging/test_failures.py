"""What makes a consumer wait for the database, and what only looks like it."""

import asyncpg
import pytest

from libs.common.messaging.failures import is_infrastructure
from tests.conftest import MakeDatabase


@pytest.mark.parametrize("text", ["connection is closed", "pool is closing"])
def test_a_closed_connection_is_waited_for(text: str) -> None:
    assert is_infrastructure(asyncpg.InterfaceError(text))


async def test_an_argument_that_does_not_fit_is_the_event_s_own_fault(
    make_database: MakeDatabase,
) -> None:
    """Its message quotes the argument, which may say anything."""
    database = await make_database("eligibility")
    async with database.as_worker() as worker:
        with pytest.raises(asyncpg.DataError) as raised:
            await worker.pool.fetchval("SELECT $1::int", "enclosed")
    assert "clos" in str(raised.value)
    assert not is_infrastructure(raised.value)
