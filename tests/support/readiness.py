"""A process's readiness, asked until it says yes."""

import contextlib

import httpx

from tests.support.bus import eventually


async def once_ready(http: httpx.AsyncClient, url: str, seconds: float = 90) -> httpx.Response:
    """The answer that said yes, or the last one: a busy server may refuse a connection once."""
    answers: list[httpx.Response] = []

    async def is_ready() -> bool:
        answers.append(await http.get(url))
        return answers[-1].is_success

    with contextlib.suppress(TimeoutError):
        await eventually(is_ready, seconds)
    return answers[-1]
