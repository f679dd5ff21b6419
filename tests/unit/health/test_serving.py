"""A server that is given up leaves no door open: its loop would wait for it for ever."""

import asyncio

import pytest
from starlette.applications import Starlette

from libs.common.roles import serve
from tests.support.bus import eventually
from tests.support.doors import free_port


async def test_who_is_cancelled_closes_its_door() -> None:
    port = free_port()
    serving = asyncio.create_task(serve(Starlette(), "127.0.0.1", port, asyncio.Event()))

    async def is_open() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    await eventually(is_open)
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert not await is_open()
