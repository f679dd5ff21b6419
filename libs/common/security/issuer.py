"""A small OpenID Connect issuer for one machine: discovery, keys and tokens for made-up users.

It stands in for a real provider in embedded and test mode and refuses to be built in any other. It
has one made-up user per role, with a password that is no secret, areas that a test or the demo may
choose, and any number of persons in each role, told apart by `name`; whoever reaches it can be
anybody.
"""

import json
import time
from base64 import b64decode
from binascii import Error as BadBase64
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey

from libs.common.files import write_whole
from libs.common.ids import new_id
from libs.common.security.authorizing import Authorizing
from libs.common.security.roles import Role
from libs.common.settings import Mode

ALGORITHM = "ES256"
PASSWORD = "ansinh-demo"  # noqa: S105 (made-up users of a development issuer)
LIFETIME_SECONDS = 3_600
_KEY_FILE = "issuer-key.json"
_LARGEST_FORM = 8_192
_LONGEST_NAME = 100


class DevelopmentIssuer:
    """The issuer of one machine.

    Args:
        url: how services and tokens name it, e.g. `http://127.0.0.1:8000/issuer`.
        audience: for whom tokens are made out.
        folder: keeps the signing key over restarts; None makes a fresh one.
        mode: anything but embedded or test is refused.
    """

    def __init__(self, url: str, audience: str, folder: Path | None, mode: Mode) -> None:
        if mode not in (Mode.EMBEDDED, Mode.TEST):
            raise ValueError("the development issuer runs in embedded and test mode only")
        self.url = url.rstrip("/")
        self.audience = audience
        self.key = _key(folder)
        self._authorizing = Authorizing()

    def token(
        self,
        role: Role,
        areas: tuple[str, ...] = ("*",),
        subject: str | None = None,
        scope: str | None = None,
    ) -> str:
        """An access token of one role."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": self.audience,
            "sub": subject or f"demo-{role}",
            "jti": str(new_id()),
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "roles": [role.value],
            "areas": list(areas),
        } | ({} if scope is None else {"scope": scope})
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.kid}, claims, self.key)

    def app(self) -> FastAPI:
        """The issuer as an application."""
        app = FastAPI(title="An Sinh · development issuer", openapi_url=None)
        app.add_api_route("/.well-known/openid-configuration", self._discovery)
        app.add_api_route("/jwks", self._keys)
        app.add_api_route("/token", self.give_token, methods=["POST"])
        app.add_api_route("/authorize", self._authorizing.ask, response_model=None)
        app.add_api_route("/authorize", self._authorize, methods=["POST"], response_model=None)
        return app

    async def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint": f"{self.url}/token",
            "authorization_endpoint": f"{self.url}/authorize",
            "grant_types_supported": ["authorization_code", "client_credentials", "password"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"],
        }

    async def _keys(self) -> dict[str, Any]:
        return {"keys": [{**self.key.as_dict(private=False), "alg": ALGORITHM, "use": "sig"}]}

    async def _authorize(self, request: Request) -> HTMLResponse | RedirectResponse | JSONResponse:
        form = await _form(request)
        return _refused("invalid_request") if form is None else await self._authorizing.give(form)

    async def give_token(self, request: Request) -> JSONResponse:
        """Answer a token request."""
        form = await _form(request)
        if form is None:
            return _refused("invalid_request")
        match form.get("grant_type"):
            case "authorization_code":
                grant = self._authorizing.take(form)
                if grant is None:
                    return _refused("invalid_grant")
                return _given(self.token(grant.role, grant.areas, grant.name))
            case "password":
                name, secret = form.get("username"), form.get("password")
            case "client_credentials":
                name, secret = _client(form, request.headers.get("authorization", ""))
            case _:
                return _refused("unsupported_grant_type")
        role = {user.value: user for user in Role}.get(name or "")
        if role is None or secret != PASSWORD:
            return _refused("invalid_grant", 401)
        areas = tuple(form.get("areas", "*").replace(",", " ").split())
        # People have names, as at the page "sign in as"; a system is itself.
        person = form.get("name", "").strip() if form["grant_type"] == "password" else ""
        if len(person) > _LONGEST_NAME:
            return _refused("invalid_request")
        return _given(self.token(role, areas, person or None, form.get("scope")))


def _given(token: str) -> JSONResponse:
    return JSONResponse(
        {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS},
        headers={"Cache-Control": "no-store"},
    )


async def _form(request: Request) -> dict[str, str] | None:
    body = await request.body()
    if len(body) > _LARGEST_FORM:
        return None
    found = parse_qs(body.decode("utf-8", "replace"))
    return {name: values[0] for name, values in found.items()}


def _client(form: dict[str, str], header: str) -> tuple[str | None, str | None]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id"), form.get("client_secret")
    try:
        name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (BadBase64, UnicodeDecodeError):
        return None, None
    return unquote(name), unquote(secret)


def _refused(error: str, status: int = 400) -> JSONResponse:
    return JSONResponse({"error": error}, status_code=status)


def _key(folder: Path | None) -> ECKey:
    kept = None if folder is None else folder / _KEY_FILE
    if kept is not None and kept.exists():
        return ECKey.import_key(json.loads(kept.read_text(encoding="utf-8")))
    key = ECKey.generate_key("P-256", parameters={"kid": str(new_id())}, private=True)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, json.dumps(key.as_dict(private=True)))
    return key
