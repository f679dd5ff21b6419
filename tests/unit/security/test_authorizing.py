"""The development issuer's codes: bound to a verifier, good once, led back to this machine."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from libs.common.security.issuer import DevelopmentIssuer
from libs.common.settings import Mode
from libs.common.web.screens.provider import challenge_of

URL, BACK, VERIFIER = (
    "http://issuer.test",
    "http://localhost:8000/registry/screens/signed-in",
    "v" * 43,
)
ASKED = {
    "response_type": "code",
    "client_id": "ansinh",
    "redirect_uri": BACK,
    "state": "s",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    issuer = DevelopmentIssuer(URL, "ansinh", None, Mode.TEST)
    transport = httpx.ASGITransport(issuer.app())
    async with httpx.AsyncClient(transport=transport, base_url=URL) as opened:
        yield opened


async def code_for(client: httpx.AsyncClient) -> str:
    answer = await client.post("/authorize", data={**ASKED, "role": "officer", "areas": "01882"})
    back = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(BACK)
    assert parse_qs(back.query)["state"] == ["s"]
    return parse_qs(back.query)["code"][0]


async def exchange(client: httpx.AsyncClient, given: str, **changed: str) -> int:
    form = {
        "grant_type": "authorization_code",
        "code": given,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    return (await client.post("/token", data={**form, **changed})).status_code


async def test_a_code_is_good_once(client: httpx.AsyncClient) -> None:
    code = await code_for(client)
    assert await exchange(client, code) == 200
    assert await exchange(client, code) == 400


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 43}, {"redirect_uri": "http://localhost:9000/"}, {"code": "made-up"}],
    ids=str,
)
async def test_a_code_of_somebody_else_gives_no_token(
    client: httpx.AsyncClient, changed: dict[str, str]
) -> None:
    assert await exchange(client, await code_for(client), **changed) == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://elsewhere.example/"},
        {"redirect_uri": "http://localhost@elsewhere.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"response_type": "token"},
    ],
    ids=str,
)
async def test_it_leads_nowhere_else_and_not_without_pkce(
    client: httpx.AsyncClient, changed: dict[str, str]
) -> None:
    asked = {**ASKED, **changed}
    assert (await client.get("/authorize", params=asked)).status_code == 400
    answer = await client.post("/authorize", data={**asked, "role": "officer"})
    assert answer.status_code == 400


async def test_nobody_signs_in_as_a_system(client: httpx.AsyncClient) -> None:
    answer = await client.post("/authorize", data={**ASKED, "role": "operator"})
    assert answer.status_code == 400
