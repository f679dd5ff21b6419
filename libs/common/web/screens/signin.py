"""Signing in and out: the browser goes to the provider and comes back with a code.

State and verifier wait in a sealed cookie, the tokens live in another: the server keeps nothing.
"""

import hmac
import logging
import secrets
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.common.problems import Problem, Text
from libs.common.security.caller import Refused
from libs.common.web.act import Runtime
from libs.common.web.screens.provider import Provider, Tokens, user_name
from libs.common.web.screens.rendering import Visit
from libs.common.web.screens.seal import Cookie
from libs.common.web.screens.session import Session
from libs.common.web.screens.settings import ScreenSettings

_log = logging.getLogger(__name__)
_WAY_SECONDS = 900
_NOT_SIGNED_IN = Problem(
    403,
    "signin.refused",
    Text(
        "Chưa đăng nhập được. Mở lại trang và đăng nhập lại.",
        "You are not signed in. Open the page again and sign in once more.",
    ),
)


class SignIn:
    """The sign-ins of one application.

    Args:
        settings: where browsers reach us, and the provider.
        runtime: verifies tokens, says the time.
    """

    def __init__(self, settings: ScreenSettings, runtime: Runtime) -> None:
        self._provider = Provider(settings)
        self._runtime = runtime
        self._back = f"{settings.public_url.rstrip('/')}/screens"
        self._way = Cookie(settings.seal, "ansinh_way", is_secure=settings.is_secure)
        self._session = Cookie(settings.seal, "ansinh_session", is_secure=settings.is_secure)

    @property
    def origin(self) -> str:
        """Of the provider: a form may lead there."""
        return self._provider.origin

    def ask(self, visit: Visit) -> Response:
        """To the provider, and then back to where the browser is."""
        return RedirectResponse(f"{visit.base}/sign-in?{urlencode({'to': visit.here})}", 303)

    async def begin(self, request: Request, kept: MutableHeaders, visit: Visit) -> Response:
        """Lead to the provider."""
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        wanted = request.query_params.get("to", "")
        # An address of another site here would make this page a signpost to it.
        to = wanted if wanted.startswith(f"{visit.base}/") else f"{visit.base}/households"
        self._way.write(kept, {"state": state, "verifier": verifier, "to": to}, visit.base)
        door = await self._provider.door(state, verifier, f"{self._back}/signed-in")
        return RedirectResponse(door, 303)

    async def finish(self, request: Request, kept: MutableHeaders, visit: Visit) -> Response:
        """Take the code that the browser brings from the provider."""
        way = self._way.read(request.cookies, _WAY_SECONDS)
        self._way.forget(kept, visit.base)
        state = request.query_params.get("state", "")
        if not isinstance(way, dict) or not hmac.compare_digest(
            str(way["state"]).encode(), state.encode()
        ):
            raise _NOT_SIGNED_IN
        code = request.query_params.get("code", "")
        tokens = code and await self._provider.exchange(
            code, str(way["verifier"]), f"{self._back}/signed-in"
        )
        if not tokens:
            raise _NOT_SIGNED_IN
        before = Session.of(self._session.read(request.cookies))
        session = await self._opened(tokens, before)
        self._keep(kept, session, visit)
        return RedirectResponse(str(way["to"]), 303)

    async def session(
        self, request: Request, kept: MutableHeaders, visit: Visit
    ) -> tuple[Session | None, bool]:
        """The browser's session, renewed where it must be, and whether it is good."""
        session = Session.of(self._session.read(request.cookies))
        now = self._runtime.clock.now().timestamp()
        if session is None or session.is_good(now):
            return session, session is not None
        tokens = session.refresh and await self._provider.renew(session.refresh)
        if not tokens:
            return session, False
        session = session.with_tokens(tokens, now)
        self._keep(kept, session, visit)
        return session, True

    async def end(self, kept: MutableHeaders, visit: Visit) -> Response:
        """Forget the session here, and sign out at the provider where it offers that."""
        self._session.forget(kept, visit.base)
        there = await self._provider.exit(f"{self._back}/signed-out")
        return RedirectResponse(there or f"{visit.base}/signed-out", 303)

    async def _opened(self, tokens: Tokens, before: Session | None) -> Session:
        try:
            caller = await self._runtime.auth.authenticate(tokens.access)
        except Refused as refused:
            _log.info("token refused", extra={"reason": refused.reason})
            raise _NOT_SIGNED_IN from None
        is_same = before is not None and before.subject == caller.subject
        secret = before.secret if before is not None and is_same else secrets.token_urlsafe(32)
        values: dict[str, Any] = {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "until": int(self._runtime.clock.now().timestamp()) + tokens.seconds,
            "subject": caller.subject,
            "name": user_name(tokens.access) or caller.subject,
            "secret": secret,
        }
        return Session(**values)

    def _keep(self, kept: MutableHeaders, session: Session, visit: Visit) -> None:
        if not self._session.write(kept, session.value(), visit.base):
            _log.error("the provider's tokens are too large for a session")
            raise _NOT_SIGNED_IN
