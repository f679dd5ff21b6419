"""What keeps other sites away from a page that acts: host, origin, a token in every form, CSP.

The page has no login of its own, it acts under the token of whoever started it. So it answers on
this machine's own names only (a foreign name that resolves here is refused), and takes a form only
from a page that this process made.
"""

import secrets
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from libs.common.problems import Text

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_LARGEST_FORM = 262_144
FORM_FIELD = "form_token"


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


class Guard:
    """One per process: its forms are good until the process ends."""

    def __init__(self) -> None:
        self.form_token = secrets.token_urlsafe(32)

    def refuses_host(self, request: Request) -> bool:
        """Whether the page was asked for under a name that is not this machine's own."""
        try:
            host = urlsplit(f"//{request.headers.get('host', '')}").hostname
        except ValueError:
            return True
        return host not in _OWN_NAMES

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
        if not secrets.compare_digest(form.get(FORM_FIELD).encode(), self.form_token.encode()):
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


def _is_foreign(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is not None:
        return origin != f"{request.url.scheme}://{request.headers.get('host', '')}"
    return request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
