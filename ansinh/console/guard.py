"""What keeps others away from a page that acts: host, session, origin, a token in every form, CSP.

The page has no login of its own, it acts under the token of whoever started it. So it answers on
this machine's own names only (a foreign name that resolves here is refused), and takes a form only
from a page that this process made. Where that token is a person's, only the browser that was shown
the printed address is let in: other users of the machine reach the port as well.
"""

import secrets
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.common.problems import Text

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_LARGEST_FORM = 262_144
FORM_FIELD = "form_token"
KEY_FIELD = "key"


class Form:
    """The fields of a posted form; spaces at both ends are gone."""

    def __init__(self, body: bytes) -> None:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        self._fields = {
            name: [value.strip() for value in values] for name, values in fields.items()
        }

    def get(self, name: str) -> str:
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        return [value for value in self._fields.get(name, []) if value]


class OwnNames:
    """An application that answers under this machine's own names alone, at whatever port.

    Everything in it is refused else: a foreign site whose name is made to resolve here would be
    the same origin to a browser, and could read tokens and internal answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_own(Headers(scope=scope).get("host", "")):
            refused = "Không phải tên của máy này. / Not this machine's name.\n"
            await protect(PlainTextResponse(refused, 421), "")(scope, receive, send)
            return
        await self._app(scope, receive, send)


class Session:
    """An application for the one browser that brings the key first; nobody else is let in.

    Args:
        app: what it shows.
        key: good once; the browser gets a cookie for it that is good until the process ends.
        start: the address that a browser with the key is led to.
    """

    def __init__(self, app: ASGIApp, key: str, start: str) -> None:
        self._app = app
        self._key: str | None = key
        self._start = start
        self._secret = secrets.token_urlsafe(32)
        # Cookies know no ports: two processes must not overwrite each other's.
        self._cookie = f"ansinh_ops_{secrets.token_hex(4)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if self._key and _is_same(request.query_params.get(KEY_FIELD, ""), self._key):
            self._key = None
            answer: Response = RedirectResponse(self._start, 303)
            answer.set_cookie(self._cookie, self._secret, httponly=True, samesite="strict")
        elif _is_same(request.cookies.get(self._cookie, ""), self._secret):
            await self._app(scope, receive, send)
            return
        else:
            refused = (
                "Mở đúng địa chỉ đã in ra khi chạy “ansinh ops page”; chỉ dùng được một lần.\n"
                "Open the very address that “ansinh ops page” printed; it is good once.\n"
            )
            answer = PlainTextResponse(refused, 403)
        await protect(answer, "")(scope, receive, send)


class Guard:
    """One per process: its forms are good until the process ends."""

    def __init__(self) -> None:
        self.form_token = secrets.token_urlsafe(32)

    async def read(self, request: Request) -> Form | Text:
        """The form, or why it is not taken."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LARGEST_FORM:
                return Text("Biểu mẫu quá lớn.", "The form is too large.")
        form = Form(body)
        if _is_foreign(request):
            return Text("Biểu mẫu từ trang khác.", "The form comes from another site.")
        if not _is_same(form.get(FORM_FIELD), self.form_token):
            return Text(
                "Trang này đã cũ: hãy gửi lại từ trang vừa tải.",
                "This page is too old: send it again from a page just loaded.",
            )
        return form


def protect(answer: Response, nonce: str) -> Response:
    """The headers of every answer: nothing from elsewhere, nothing inline but our own style."""
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _is_own(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _OWN_NAMES
    except ValueError:
        return False


def _is_same(given: str, secret: str) -> bool:
    return secrets.compare_digest(given.encode(), secret.encode())


def _is_foreign(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is not None:
        return origin != f"{request.url.scheme}://{request.headers.get('host', '')}"
    return request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
