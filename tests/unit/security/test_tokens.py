"""A token opens the door only if its issuer signed it, for us, for now."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from libs.common.security.caller import Refused
from libs.common.security.issuer import PASSWORD, DevelopmentIssuer
from libs.common.security.roles import Role
from libs.common.security.tokens import (
    IssuerKeys,
    IssuerUnreachable,
    StaticKeys,
    TokenVerifier,
    caller_of,
)
from libs.common.settings import Mode

URL = "http://issuer.test"


@pytest.fixture
def issuer() -> DevelopmentIssuer:
    return DevelopmentIssuer(URL, "ansinh", None, Mode.TEST)


@pytest.fixture
async def client(issuer: DevelopmentIssuer) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(issuer.app())
    async with httpx.AsyncClient(transport=transport, base_url=URL) as opened:
        yield opened


@pytest.fixture
def verifier(client: httpx.AsyncClient) -> TokenVerifier:
    return TokenVerifier(URL, "ansinh", IssuerKeys(URL, client))


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {"iss": URL, "aud": "ansinh", "sub": "x", "exp": now + 60, "roles": ["officer"]}
    return {name: value for name, value in (made | changed).items() if value is not None}


async def test_a_good_token_says_who_calls(
    issuer: DevelopmentIssuer, verifier: TokenVerifier
) -> None:
    caller = await verifier.authenticate(issuer.token(Role.OFFICER, ("19", "01882")))
    assert caller.subject == "demo-officer"
    assert caller.roles == {Role.OFFICER}
    assert caller.areas == ("01882", "19")


async def test_a_remembered_token_ends_when_it_expires(
    issuer: DevelopmentIssuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, later = {"alg": "ES256", "kid": issuer.key.kid}, time.time() + 120
    token = jwt.encode(header, claims(), issuer.key)
    assert await verifier.authenticate(token) == await verifier.authenticate(token)
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Refused, match=r"token\.expired"):
        await verifier.authenticate(token)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": int(time.time()) - 3600}, "token.expired"),
        ({"exp": None}, "token.invalid"),
        ({"exp": "soon"}, "token.invalid"),
        ({"nbf": int(time.time()) + 3600}, "token.invalid"),
        ({"iss": "http://other.test"}, "token.invalid"),
        ({"aud": "other"}, "token.invalid"),
        ({"aud": None}, "token.invalid"),
        ({"sub": None}, "token.invalid"),
    ],
)
async def test_claims_that_do_not_hold(
    issuer: DevelopmentIssuer, verifier: TokenVerifier, changed: dict[str, Any], reason: str
) -> None:
    header = {"alg": "ES256", "kid": issuer.key.kid}
    token = jwt.encode(header, claims(**changed), issuer.key)
    with pytest.raises(Refused) as refusal:
        await verifier.authenticate(token)
    assert refusal.value.reason == reason


async def test_signatures_that_do_not_hold(
    issuer: DevelopmentIssuer, verifier: TokenVerifier
) -> None:
    stranger = ECKey.generate_key("P-256", private=True)
    forged = jwt.encode({"alg": "ES256", "kid": issuer.key.kid}, claims(), stranger)
    unknown = jwt.encode({"alg": "ES256", "kid": "unknown"}, claims(), stranger)
    shared = OctKey.import_key("a secret that is long enough for this")
    symmetric = jwt.encode({"alg": "HS256", "kid": issuer.key.kid}, claims(), shared)
    for token, reason in (
        (forged, "token.invalid"),
        (unknown, "token.key"),
        (symmetric, "token.algorithm"),
        ("eyJhbGciOiJub25lIn0.e30.", "token.algorithm"),
        ("no token at all", "token.shape"),
        ("W10.e30.x", "token.shape"),
        ("x" * 10_000, "token.length"),
    ):
        with pytest.raises(Refused) as refusal:
            await verifier.authenticate(token)
        assert refusal.value.reason == reason


async def test_made_up_key_ids_do_not_flood_the_issuer(issuer: DevelopmentIssuer) -> None:
    asked: list[str] = []
    app = httpx.ASGITransport(issuer.app())

    class Counting(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            return await app.handle_async_request(request)

    async with httpx.AsyncClient(transport=Counting()) as client:
        keys = IssuerKeys(URL, client)
        for number in range(20):
            assert await keys.find(f"made-up-{number}") is None
        assert await keys.find(issuer.key.kid or "") is not None
    assert asked == ["/.well-known/openid-configuration", "/jwks"]


async def test_an_issuer_that_is_away_is_not_the_callers_fault() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(away)) as client:
        with pytest.raises(IssuerUnreachable):
            await IssuerKeys(URL, client).find("any")


def test_keycloaks_roles_and_areas_are_read_and_others_ignored() -> None:
    caller = caller_of(
        {
            "sub": "x",
            "realm_access": {"roles": ["bank", "offline_access"]},
            "areas": ["19", "x1", "018820", "*"],
        }
    )
    assert caller.roles == {Role.BANK}
    assert caller.areas == ("*", "19")
    assert caller_of({"sub": "x", "areas": "19, 01882"}).areas == ("01882", "19")


async def test_the_issuer_gives_a_token_for_each_role(
    client: httpx.AsyncClient, verifier: TokenVerifier
) -> None:
    for role in Role:
        form = {"grant_type": "password", "username": role.value, "password": PASSWORD}
        answer = await client.post("/token", data={**form, "areas": "19"})
        caller = await verifier.authenticate(answer.json()["access_token"])
        assert caller.roles == {role}
        assert (caller.areas, caller.subject) == (("19",), f"demo-{role}")
    form = {"grant_type": "password", "username": "officer", "password": PASSWORD, "name": "an"}
    caller = await verifier.authenticate(
        (await client.post("/token", data=form)).json()["access_token"]
    )
    assert (list(caller.roles), caller.subject) == ([Role.OFFICER], "an")
    basic, form = httpx.BasicAuth("bank", PASSWORD), {"grant_type": "client_credentials"}
    answer = await client.post("/token", data={**form, "scope": "registry/search"}, auth=basic)
    caller = await verifier.authenticate(answer.json()["access_token"])
    assert caller.roles == {Role.BANK}
    assert caller.scopes == {"registry/search"}


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "password", "username": "officer", "password": "wrong"}, 401),
        ({"grant_type": "password", "username": "nobody", "password": PASSWORD}, 401),
        ({"grant_type": "authorization_code"}, 400),
        (
            {
                "grant_type": "password",
                "username": "officer",
                "password": PASSWORD,
                "name": "x" * 101,
            },
            400,
        ),
        ({}, 400),
    ],
)
async def test_the_issuer_refuses(
    client: httpx.AsyncClient, form: dict[str, str], status: int
) -> None:
    assert (await client.post("/token", data=form)).status_code == status


def test_the_issuer_is_refused_outside_one_machine() -> None:
    with pytest.raises(ValueError, match="embedded and test"):
        DevelopmentIssuer("https://id.example.vn", "ansinh", None, Mode.DISTRIBUTED)


async def test_the_key_outlives_a_restart(tmp_path: Path) -> None:
    first = DevelopmentIssuer(URL, "ansinh", tmp_path, Mode.EMBEDDED)
    second = DevelopmentIssuer(URL, "ansinh", tmp_path, Mode.EMBEDDED)
    public = ECKey.import_key(second.key.as_dict(private=False))
    keys = StaticKeys(KeySet([public]))
    caller = await TokenVerifier(URL, "ansinh", keys).authenticate(first.token(Role.AUDITOR))
    assert caller.roles == {Role.AUDITOR}
    assert (tmp_path / "issuer-key.json").stat().st_mode & 0o077 == 0
