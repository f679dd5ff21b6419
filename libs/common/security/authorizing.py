"""The development issuer's page "sign in as": authorization codes with PKCE for made-up people.

Whoever reaches it can be anybody; it leads back to addresses of this machine alone.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from libs.common.security.roles import Role

_CODE_SECONDS = 60
_MOST_CODES = 1_000
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST = 512
# Who works with screens; the others are systems.
PEOPLE = (Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape()
)


@dataclass(frozen=True)
class Grant:
    """What a code stands for."""

    role: Role
    areas: tuple[str, ...]
    name: str
    challenge: str
    back: str
    until: float


class Authorizing:
    """The codes that were given out and not yet taken up."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    async def ask(self, request: Request) -> HTMLResponse:
        """The page that asks who somebody wants to be."""
        asked = dict(request.query_params)
        return _page(asked, 200 if _is_known(asked) else 400)

    async def give(self, form: dict[str, str]) -> HTMLResponse | RedirectResponse:
        """Lead back with a code."""
        role = {one.value: one for one in PEOPLE}.get(form.get("role", ""))
        if role is None or not _is_known(form):
            return _page(form, 400)
        now = time.monotonic()
        self._grants = {code: one for code, one in self._grants.items() if one.until > now}
        if len(self._grants) >= _MOST_CODES:
            return _page(form, 503)
        code = secrets.token_urlsafe(32)
        self._grants[code] = Grant(
            role,
            tuple(form.get("areas", "").replace(",", " ").split()) or ("*",),
            form.get("name", "").strip() or f"demo-{role}",
            form["code_challenge"],
            form["redirect_uri"],
            now + _CODE_SECONDS,
        )
        back = urlencode({"code": code, "state": form.get("state", "")})
        return RedirectResponse(f"{form['redirect_uri']}?{back}", 303)

    def take(self, form: dict[str, str]) -> Grant | None:
        """What a code stands for, once, for whoever knows its verifier."""
        grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or grant.until < time.monotonic():
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_same = hmac.compare_digest(challenge.encode(), grant.challenge.encode())
        return grant if is_same and form.get("redirect_uri") == grant.back else None


def _is_known(asked: dict[str, str]) -> bool:
    """A code with PKCE, for an address of this machine."""
    try:
        back = urlsplit(asked.get("redirect_uri", ""))
        host = back.hostname
    except ValueError:
        return False
    return (
        all(len(value) <= _LONGEST for value in asked.values())
        and back.scheme in ("http", "https")
        and host in _OWN_NAMES
        and not back.query
        and asked.get("response_type") == "code"
        and asked.get("code_challenge_method") == "S256"
        and bool(asked.get("code_challenge"))
    )


def _page(asked: dict[str, str], status: int) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    back = urlsplit(asked["redirect_uri"]) if _is_known(asked) else None
    origin = "" if back is None else f"{back.scheme}://{back.netloc}"
    text = _PAGES.get_template("sign_in.html").render(
        asked=asked, is_known=back is not None, people=PEOPLE, nonce=nonce, zip=zip
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; "
        f"form-action 'self' {origin}; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return HTMLResponse(text, status, headers)
