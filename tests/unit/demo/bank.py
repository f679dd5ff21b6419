"""An Sinh as far as the bank's unit tests need it: a partner's HTTP, played."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from ansinh.demo.bank.books import Books
from ansinh.demo.bank.cases import SeenNeed, View
from ansinh.demo.bank.core import Core
from ansinh.demo.bank.rules import REFUSAL, Asked, Rules, decide
from ansinh.demo.counterpart.books import FILE
from ansinh.demo.counterpart.client import Access, Client
from ansinh.demo.counterpart.control import Control
from ansinh.demo.counterpart.modes import Mode
from libs.common.ids import derived_id

DAY = date(2022, 7, 15)
RULES = Rules()
MILLION = 1_000_000


def a_need_id(*, approved: bool = True, number: int = 0) -> UUID:
    """Of a need that this bank approves, or refuses."""
    found = 0
    for drawn in range(1_000):
        need_id = derived_id("test-need", drawn)
        asked = Asked(need_id, MILLION, 12, "central")
        if decide(asked, RULES).approved is approved:
            if found == number:
                return need_id
            found += 1
    raise AssertionError(REFUSAL)


def a_view(
    version: int = 4,
    stage: str = "sent",
    *,
    need_id: UUID | None = None,
    referral: object = "referral",
    state: str = "open",
    programme: str = "01",
    amount: int = 50 * MILLION,
    changed_on: date = DAY,
) -> View:
    need = SeenNeed(need_id or a_need_id(), stage, changed_on, amount, 48, "central")
    return View(
        derived_id("test-referral", referral), version, programme, state, 100 * MILLION, 120, need
    )


def as_json(view: View) -> dict[str, Any]:
    """A referral as An Sinh's API and events show it."""
    need = view.need
    return {
        "referral_id": str(view.referral_id),
        "programme": view.programme,
        "state": view.state,
        "terms": {"max_amount": view.limit_amount, "max_months": view.limit_months},
        "need": need
        and {
            "need_id": str(need.need_id),
            "stage": need.stage,
            "changed_on": need.changed_on.isoformat(),
            "amount": need.amount,
            "months": need.months,
            "source": need.source,
        },
    }


def said(view: View) -> dict[str, Any]:
    """An item of the change feed."""
    return {
        "type": "referral.changed.v1",
        "subject": str(view.referral_id),
        "sequence": str(view.version),
        "data": as_json(view),
    }


@dataclass
class Written:
    """A write that reached An Sinh."""

    path: str
    body: dict[str, Any]
    if_match: str
    key: str


@dataclass
class PlayedAnSinh:
    """Hands out its feed page by page and takes every write, unless `refuses` answers otherwise.

    Attributes:
        feed: everything that was said.
        views: the referrals as they stand.
        refuses: an answer to a write in place of taking it.
        is_restored: the cursors that it gave are no more.
    """

    feed: list[dict[str, Any]] = field(default_factory=list)
    views: dict[str, View] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)
    refuses: Callable[[Written], httpx.Response | None] = lambda write: None
    is_restored: bool = False

    def say(self, *views: View) -> None:
        for view in views:
            self.views[str(view.referral_id)] = view
            self.feed.append(said(view))

    def taken(self, kind: str) -> list[Written]:
        return [one for one in self.written if one.path.endswith(kind)]

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/issuer/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 60})
        if path == "/credit/v1/changes":
            return self._changes(request.url.params)
        referral = path.split("/")[4]
        if request.method == "GET":
            return self._shown(self.views[referral])
        write = Written(
            path,
            json.loads(request.content),
            request.headers["if-match"],
            request.headers["idempotency-key"],
        )
        self.written.append(write)
        refused = self.refuses(write)
        if refused is not None:
            return refused
        return self._shown(self.views[referral])

    def _changes(self, query: httpx.QueryParams) -> httpx.Response:
        if self.is_restored and "after" in query:
            return httpx.Response(410, json={"code": "feed.cursor_gone"})
        self.is_restored = False
        begin = int(query.get("after", 0))
        end = begin + int(query["limit"])
        page = self.feed[begin:end]
        has_more = end < len(self.feed)
        return httpx.Response(
            200, json={"items": page, "next": str(begin + len(page)), "has_more": has_more}
        )

    def _shown(self, view: View) -> httpx.Response:
        return httpx.Response(200, json=as_json(view), headers={"ETag": f'"{view.version}"'})


def a_problem(status: int, code: str = "need.refused") -> httpx.Response:
    errors = [{"pointer": "/amount", "rule": "need.over_limit"}]
    return httpx.Response(status, json={"code": code, "errors": errors})


@dataclass
class Desk:
    """A bank with its books in a folder, at a played An Sinh."""

    folder: Path
    ansinh: PlayedAnSinh = field(default_factory=PlayedAnSinh)

    @property
    def path(self) -> Path:
        return self.folder / FILE

    async def work(self, *modes: Mode, day: date = DAY, rounds: int = 100) -> int:
        """Rounds until nothing is left, at most so many; answers how many it took."""
        access = Access("http://an/credit", "http://an/issuer", "bank", "secret")
        transport = httpx.MockTransport(self.ansinh.answer)
        with Books(self.path) as books:
            async with Client(access, transport) as client:
                core = Core(books, client, RULES)
                for done in range(rounds):
                    if not await core.round(Control(1, day, frozenset(modes))):
                        return done
        return rounds
