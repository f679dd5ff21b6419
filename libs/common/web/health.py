"""Whether a process lives and is ready, and its metrics: what those who look after it ask.

Every process has a small address of its own for them, the management address. It is not for the
public: no token, no audit, and nothing about anybody.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.common.roles import serve
from libs.common.telemetry import Telemetry

Check = Callable[[], Awaitable[bool]]


async def failing(checks: Mapping[str, Check], seconds: float = 3.0) -> list[str]:
    """The names of the checks that say no, fail, or take too long; they are asked side by side."""

    async def ask(check: Check) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await check()
        except Exception:  # whatever it is, the answer is no
            return False

    asked = dict(checks)
    answers = await asyncio.gather(*(ask(check) for check in asked.values()))
    return [name for name, good in zip(asked, answers, strict=True) if not good]


def health_routes(checks: Mapping[str, Check]) -> list[BaseRoute]:
    """`/health/live`: the event loop answers. `/health/ready`: 200, or 503 and what says no.

    Args:
        checks: by name; more may come while the process starts.
    """

    async def live(request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(request: Request) -> Response:
        asked, wrong = list(checks), await failing(checks)
        return JSONResponse(
            {"status": "not ready" if wrong else "ready", "checks": asked, "failing": wrong},
            status_code=503 if wrong else 200,
        )

    return [Route("/health/live", live), Route("/health/ready", ready)]


def metrics_route(recording: Telemetry | None) -> BaseRoute:
    """`/metrics`, as Prometheus reads it."""

    async def metrics(request: Request) -> Response:
        body = b"" if recording is None else recording.scrape()
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics)


@contextlib.asynccontextmanager
async def managed(
    host: str, port: int | None, checks: Mapping[str, Check], recording: Telemetry | None
) -> AsyncIterator[None]:
    """Answer at the management address for the length of the block; without a port, do not.

    Raises:
        ExceptionGroup: the port is taken.
    """
    if port is None:
        yield
        return
    app = Starlette(routes=[*health_routes(checks), metrics_route(recording)])
    ended = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(app, host, port, ended), name="management")
        try:
            yield
        finally:
            ended.set()
