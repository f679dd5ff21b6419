"""One attempt at one endpoint: a request to the address that was judged, and a bounded answer."""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from libs.common.partners.webhooks.addresses import Address, Networks, Refused, Target
from libs.common.partners.webhooks.settings import WebhookSettings

GONE = 410
_LONGEST_WAIT = 3_600.0
_ADDRESS_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt.

    Attributes:
        status: None where there was no answer.
        error: stable name of the failure; None: it was accepted.
        has_left: whether the bytes may have reached anybody.
        wait_seconds: how long the partner asks us to wait.
        is_final: the partner has read it and refuses it: to say it again would change nothing.
    """

    status: int | None
    error: str | None
    has_left: bool = True
    wait_seconds: float = 0.0
    is_final: bool = False

    @property
    def is_accepted(self) -> bool:
        return self.error is None


Judge = Callable[[int, Mapping[str, str], bytes], Answer]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What goes out once.

    Attributes:
        path: at the endpoint's address; None: the endpoint's own.
    """

    headers: Mapping[str, str]
    body: bytes
    path: str | None = None


class Poster:
    """Requests to one endpoint, over connections of its own.

    Args:
        target: the endpoint's URL in parts.
        networks: which addresses may be sent to.
        settings: times and sizes.
        judge: says what an answer means, from its status, headers and (bounded) body.
    """

    def __init__(
        self, target: Target, networks: Networks, settings: WebhookSettings, judge: Judge
    ) -> None:
        self._target = target
        self._networks = networks
        self._settings = settings
        self._judge = judge
        self._address: Address | None = None
        self._good_until = 0.0
        self._client = httpx.AsyncClient(
            trust_env=False,  # no proxy of the environment: it would resolve the name itself
            follow_redirects=False,
            verify=ssl.create_default_context(),
            timeout=settings.answer_seconds,
            limits=httpx.Limits(
                max_connections=settings.concurrency,
                max_keepalive_connections=settings.concurrency,
            ),
            headers={"User-Agent": "ansinh-webhooks/1", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def post(self, attempt: Attempt) -> Answer:
        """One attempt; it never raises for what the other side does."""
        has_left = False
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                address = await self._resolved()
                has_left = True
                return await self._send(self._target.at(address, attempt.path), attempt)
        except Refused as refused:
            return Answer(None, refused.reason, has_left=False)
        except TimeoutError:
            return Answer(None, "timeout", has_left)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            self._address = None
            return Answer(None, "connect", has_left=False)
        except httpx.TimeoutException:
            return Answer(None, "timeout")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError):
            return Answer(None, "broken")

    async def _resolved(self) -> Address:
        """The address, looked up and judged anew every few seconds; open connections stay at it."""
        now = time.monotonic()
        if self._address is None or now >= self._good_until:
            self._address = await self._networks.resolve(self._target)
            self._good_until = now + _ADDRESS_SECONDS
        return self._address

    async def _send(self, url: str, attempt: Attempt) -> Answer:
        request = self._client.build_request(
            "POST",
            url,
            content=attempt.body,
            headers={**attempt.headers, "Host": self._target.authority},
            extensions={"sni_hostname": self._target.host},
        )
        answer = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for part in answer.aiter_raw():
                body += part
                if len(body) > self._settings.answer_bytes:
                    break
        finally:
            await answer.aclose()
        return self._judge(answer.status_code, answer.headers, bytes(body))


def judge(status: int, headers: Mapping[str, str]) -> Answer:
    """Whether an answer accepts the delivery: a 2xx of a program, and not of a page.

    A redirect is not followed and accepts nothing, also where it hides in a header or a page:
    log-in pages and proxies answer 200 with HTML.
    """
    if 200 <= status < 300:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if "refresh" in headers or (status != 201 and "location" in headers):
            return Answer(status, "redirect")
        return Answer(status, "page" if kind in ("text/html", "application/xhtml+xml") else None)
    if 300 <= status < 400:
        return Answer(status, "redirect")
    wait = _seconds(headers.get("retry-after", "")) if status in (429, 503) else 0.0
    return Answer(status, "gone" if status == GONE else "status", wait_seconds=wait)


def _seconds(text: str) -> float:
    return min(float(text), _LONGEST_WAIT) if text.isdecimal() and len(text) < 10 else 0.0
