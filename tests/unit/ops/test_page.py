"""The page acts for its reader alone: foreign names and sites and old forms are refused."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from ansinh.ops.client import Operator
from ansinh.ops.page import page_of

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers there
ADDRESS = "http://127.0.0.1:8010"
KEY = "the-printed-key"
ACTS = ("redrive", "discard", "values", "release", "replay", "cancel", "token")


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """A browser on a page whose services are all out of reach; it was given the address."""
    async with (
        Operator.at(NOWHERE, "a-token") as operator,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(page_of(operator, KEY)), base_url=ADDRESS
        ) as opened,
    ):
        await opened.get("/ops", params={"key": KEY})
        yield opened


async def form_token(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', (await browser.get("/ops")).text)
    assert found is not None
    return found.group(1)


async def test_the_printed_address_lets_one_browser_in_and_no_other() -> None:
    async with Operator.at(NOWHERE, "a-token") as operator:
        app = httpx.ASGITransport(page_of(operator, KEY))
        for paths in ((f"/ops?key={KEY}", 303), ("/ops", 200)), ((f"/ops?key={KEY}", 403),):
            async with httpx.AsyncClient(transport=app, base_url=ADDRESS) as another:
                assert (await another.get("/ops")).status_code == 403
                assert (await another.get("/ops?key=é")).status_code == 403
                assert (await another.post("/ops/token", data={"token": "x"})).status_code == 403
                for path, status in paths:
                    assert (await another.get(path)).status_code == status


async def test_the_session_is_no_scripts_and_no_other_sites() -> None:
    async with (
        Operator.at(NOWHERE, "a-token") as operator,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(page_of(operator, KEY)), base_url=ADDRESS
        ) as another,
    ):
        answer = await another.get("/ops", params={"key": KEY})
        assert answer.headers["location"] == "/ops", "the key does not stay in the address"
        said = answer.headers["set-cookie"].lower()
        assert {"httponly", "samesite=strict", "path=/"} <= set(said.split("; "))
        assert "max-age" not in said
        assert "expires" not in said


async def test_the_root_leads_to_the_page(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/")).headers["location"] == "/ops"


async def test_a_service_out_of_reach_is_said_in_the_readers_language(
    browser: httpx.AsyncClient,
) -> None:
    assert "API của registry không trả lời" in (await browser.get("/ops")).text
    english = (await browser.get("/ops", params={"lang": "en"})).text
    assert "The API of registry does not answer" in english
    assert '<html lang="en">' in english


@pytest.mark.parametrize("path", ["/ops", "/ops/live", "/ops/ops.js", "/ops/trace?subject=x"])
async def test_nothing_from_elsewhere_may_run_or_frame_the_page(
    browser: httpx.AsyncClient, path: str
) -> None:
    headers = (await browser.get(path)).headers
    policy = headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"


async def test_the_page_holds_no_inline_script_and_no_outside_address(
    browser: httpx.AsyncClient,
) -> None:
    html = (await browser.get("/ops")).text
    assert re.findall(r"<script(?![^>]* src=)", html) == []
    assert re.findall(r"\son\w+=", html) == []
    assert re.findall(r"https?://", html) == []


async def test_a_foreign_name_that_leads_here_is_refused(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/ops", "/ops/live", f"/ops?key={KEY}"):
        for name in ("evil.example:8010", "127.0.0.1.evil.example", "[", ""):
            answer = await browser.get(path, headers={"Host": name})
            assert answer.status_code == 421, (path, name)


@pytest.mark.parametrize("act", ACTS)
async def test_a_form_without_this_processs_token_is_refused(
    browser: httpx.AsyncClient, act: str
) -> None:
    for fields in ({}, {"form_token": "made-up"}):
        answer = await browser.post(f"/ops/{act}", data=fields)
        assert answer.status_code == 403
        assert "Trang này đã cũ" in answer.text


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_form_from_another_site_is_refused(
    browser: httpx.AsyncClient, act: str, headers: dict[str, str]
) -> None:
    fields = {"form_token": await form_token(browser)}
    answer = await browser.post(f"/ops/{act}", data=fields, headers=headers)
    assert answer.status_code == 403
    assert "Biểu mẫu từ trang khác" in answer.text


async def test_acts_are_not_done_by_a_link(browser: httpx.AsyncClient) -> None:
    for act in ACTS:
        assert (await browser.get(f"/ops/{act}")).status_code == 405, act


async def test_a_refused_form_keeps_what_was_typed(browser: httpx.AsyncClient) -> None:
    typed = {
        "consumer": "credit.referrals",
        "households": "not-an-id <b>",
        "first": "2026-01-01",
        "why": 'because of "x"',
    }
    answer = await browser.post(
        "/ops/replay?lang=en", data={"form_token": await form_token(browser), **typed}
    )
    assert answer.status_code == 422
    assert "An id is a UUID." in answer.text
    assert "not-an-id &lt;b&gt;</textarea>" in answer.text
    assert "<option selected>credit.referrals</option>" in answer.text
    assert 'value="2026-01-01"' in answer.text
    assert 'value="because of &#34;x&#34;"' in answer.text
    assert 'href="/ops?lang=vi"' in answer.text, "the other language is the page's"


async def test_an_act_leads_back_to_a_page_that_can_be_reloaded(
    browser: httpx.AsyncClient,
) -> None:
    fields = {"form_token": await form_token(browser), "token": "another"}
    answer = await browser.post("/ops/token", data=fields, headers={"Origin": ADDRESS})
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/ops?done=token&count=1&lang=vi",
    )
    assert "Đã dùng thẻ mới" in (await browser.get(answer.headers["location"])).text
