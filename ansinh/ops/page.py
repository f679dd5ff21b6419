"""`ansinh ops page`: the page `/ops` on the operator's own machine, under the operator's own token.

The distributed services have no page of their own: every act would be one user's. Here it is done
under the token of whoever runs this, and audited under that person. So it is shown to that person's
browser alone: the printed address holds a key that is good once.
"""

import secrets

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from ansinh.console.guard import KEY_FIELD, OwnNames, Session
from ansinh.console.ops import ADDRESS, OpsPage
from ansinh.ops.client import Operator, Unanswered
from ansinh.process import stop_on_signals
from libs.common.problems import Text
from libs.common.roles import serve

_HOST = "127.0.0.1"


async def run_page(operator: Operator, port: int) -> int:
    """Serve the page on this machine alone until SIGTERM or Ctrl+C.

    Raises:
        Unanswered: the port is taken.
    """
    stop = stop_on_signals()
    key = secrets.token_urlsafe(32)
    print(f"http://{_HOST}:{port}{ADDRESS}?{KEY_FIELD}={key}", flush=True)
    print("Mở được một lần; Ctrl+C: dừng / opens once; Ctrl+C: stop", flush=True)
    try:
        await serve(page_of(operator, key), _HOST, port, stop)
    except OSError:
        title = Text("Cổng đang được dùng.", "The port is taken.")
        raise Unanswered(f"{_HOST}:{port}", 0, title) from None
    return 0


def page_of(operator: Operator, key: str) -> ASGIApp:
    """The application of the page, for the browser that brings the key; the root leads to it."""

    async def root(request: Request) -> RedirectResponse:
        return RedirectResponse(ADDRESS)

    page = Starlette(routes=[Route("/", root), *OpsPage(operator, takes_token=True).routes()])
    return OwnNames(Session(page, key, ADDRESS))
