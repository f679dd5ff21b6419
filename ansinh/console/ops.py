"""`/ops`: what is behind, by how much, since when, because of whom; and the acts that mend it.

Server-rendered, Vietnamese first. Everything is asked and done through `ansinh.ops.acts`, as by the
command, under one operator's token. Without JavaScript the page works the same and is reloaded by
hand; with it the part that changes is fetched anew every two seconds.
"""

import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ansinh.console.guard import FORM_FIELD, Form, Guard, protect
from ansinh.console.rendering import language_of, render, say_of
from ansinh.ops import acts, printing, reasons
from ansinh.ops.client import Operator, Unanswered
from ansinh.ops.standings import standings
from ansinh.services import NAMES
from ansinh.trace import draw, read_trace
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.problems import Text

ADDRESS = "/ops"
_SCRIPT = Path(__file__).parent / "templates" / "ops.js"
_SHOWN_REPLAYS = 8
_LONGEST_COUNT = 12  # digits
_DONE = {
    "redrive": Text("Sẽ xử lý lại", "To be worked again"),
    "discard": Text("Đã bỏ", "Given up"),
    "release": Text("Sẽ gửi lại", "To be tried again"),
    "replay": Text("Đã yêu cầu phát lại", "Replays asked for"),
    "cancel": Text("Đã dừng phát lại", "Replays stopped"),
    "token": Text("Đã dùng thẻ mới", "The new token is used"),
}

Show = Callable[[Request, str], Awaitable[Response]]
Do = Callable[[Request, str, Form], Awaitable[Response]]


class OpsPage:
    """The page of one operator; whoever serves it wraps it in `OwnNames`.

    Args:
        operator: whose token every act is done under.
        home: address of the front page; empty where there is none.
        timeline: address of the timeline page; empty where there is none.
        takes_token: whether the reader may bring another token, when the first has expired.
    """

    def __init__(
        self, operator: Operator, *, home: str = "", timeline: str = "", takes_token: bool = False
    ) -> None:
        self._operator = operator
        self._home = home
        self._timeline = timeline
        self._takes_token = takes_token
        self._guard = Guard()

    def routes(self) -> list[Route]:
        """For the root of an application."""
        shown: dict[str, Show] = {
            "": self._overview,
            "/live": self._live,
            "/parked": self._parked,
            "/parked/{service}/{parked_id}": self._one,
            "/held": self._held,
            "/trace": self._trace,
        }
        done: dict[str, Do] = {
            "/redrive": self._redrive,
            "/discard": self._discard,
            "/values": self._values,
            "/release": self._release,
            "/replay": self._replay,
            "/cancel": self._cancel,
            "/token": self._token,
        }
        return [
            Route(f"{ADDRESS}/ops.js", self._script),
            *(Route(ADDRESS + path, self._get(show)) for path, show in shown.items()),
            *(Route(ADDRESS + p, self._post(do), methods=["POST"]) for p, do in done.items()),
        ]

    # --- what every page has

    def _get(self, show: Show) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            nonce = secrets.token_urlsafe(16)
            try:
                return protect(await show(request, nonce), nonce)
            except Unanswered as error:
                return protect(self._refused(request, nonce, error), nonce)

        return endpoint

    def _post(self, do: Do) -> Callable[[Request], Awaitable[Response]]:
        async def show(request: Request, nonce: str) -> Response:
            form = await self._guard.read(request)
            if isinstance(form, Text):
                return self._refused(request, nonce, Unanswered("ops", 403, form))
            return await do(request, nonce, form)

        return self._get(show)

    def _page(
        self,
        request: Request,
        nonce: str,
        template: str,
        title: str,
        at: str | None = None,
        **values: Any,
    ) -> Response:
        language = language_of(request)
        if at is not None:  # a form was refused: the other language is the page's, not the form's
            other = "vi" if language == "en" else "en"
            values["other_address"] = f"{ADDRESS}{at}?lang={other}"
        return render(
            request,
            template,
            title,
            nonce=nonce,
            ops=ADDRESS,
            home=f"{self._home or ADDRESS}?lang={language}",
            timeline=self._timeline,
            takes_token=self._takes_token,
            form_token=self._guard.form_token,
            form_field=FORM_FIELD,
            age=printing.age,
            instant=printing.instant,
            **values,
        )

    def _refused(self, request: Request, nonce: str, error: Unanswered) -> Response:
        title = say_of(request)("Không làm được", "Not done")
        status = error.status or 502
        return self._page(
            request, nonce, "ops_refused.html", title, at="", status=status, refused=error
        )

    def _back(self, request: Request, act: str, count: int, to: str = "") -> Response:
        query = f"?done={act}&count={count}&lang={language_of(request)}"
        return RedirectResponse(f"{ADDRESS}{to}{query}", status_code=303)

    async def _script(self, request: Request) -> Response:
        script = _SCRIPT.read_text(encoding="utf-8")
        return protect(Response(script, media_type="text/javascript"), "")

    # --- what is shown

    async def _overview(self, request: Request, nonce: str) -> Response:
        return await self._overview_with(request, nonce, {}, None)

    async def _overview_with(
        self, request: Request, nonce: str, typed: dict[str, str], refused: Unanswered | None
    ) -> Response:
        title = say_of(request)("Vận hành", "Operations")
        return self._page(
            request,
            nonce,
            "ops.html",
            title,
            at=None if refused is None else "",
            status=200 if refused is None else refused.status or 502,
            consumers=list(SUBSCRIPTIONS),
            typed=typed,
            refused=refused,
            done=_done(request),
            **await self._state(),
        )

    async def _live(self, request: Request, nonce: str) -> Response:
        return self._page(request, nonce, "ops_live.html", "", **await self._state())

    async def _state(self) -> dict[str, Any]:
        progress = await acts.look(self._operator)
        is_whole = all(own is not None for own in progress.values())
        replays = await acts.list_replays(self._operator) if is_whole else []
        return {
            "progress": progress,
            "findings": reasons.find(progress),
            "parked": [entry for own in progress.values() if own for entry in own.parked],
            "partners": [entry for own in progress.values() if own for entry in own.partners],
            "roads": printing.ROADS,
            "standings": standings(progress),
            "now": max((own.at for own in progress.values() if own), default=None),
            "replays": replays[:_SHOWN_REPLAYS],
            "ended": acts.ENDED,
            "is_rest_of_queue": acts.is_rest_of_queue,
        }

    async def _parked(self, request: Request, nonce: str) -> Response:
        wanted = {name: request.query_params.get(name, "") for name in ("consumer", "reason")}
        return await self._parked_with(request, nonce, wanted, "", None)

    async def _parked_with(
        self,
        request: Request,
        nonce: str,
        wanted: dict[str, str],
        typed: str,
        refused: Unanswered | None,
    ) -> Response:
        found = await acts.list_parked(
            self._operator, wanted["consumer"] or None, wanted["reason"] or None
        )
        title = say_of(request)("Sự kiện gác lại", "Parked events")
        return self._page(
            request,
            nonce,
            "ops_parked.html",
            title,
            at=None if refused is None else "/parked",
            status=200 if refused is None else refused.status or 502,
            found=found,
            wanted=wanted,
            typed=typed,
            refused=refused,
            done=_done(request),
        )

    async def _one(self, request: Request, nonce: str) -> Response:
        service, parked_id = request.path_params["service"], request.path_params["parked_id"]
        return await self._one_with(request, nonce, service, parked_id)

    async def _one_with(
        self,
        request: Request,
        nonce: str,
        service: str,
        parked_id: str,
        *,
        refused: Unanswered | None = None,
        **values: str,
    ) -> Response:
        found = await acts.find_parked(self._operator, _uuid(parked_id), _service(service))
        title = say_of(request)("Sự kiện gác lại", "Parked event")
        return self._page(
            request,
            nonce,
            "ops_one.html",
            title,
            at=f"/parked/{found.service}/{parked_id}" if request.method == "POST" else None,
            status=200 if refused is None else refused.status or 502,
            one=found,
            refused=refused,
            done=_done(request),
            **values,
        )

    async def _held(self, request: Request, nonce: str) -> Response:
        title = say_of(request)("Dòng gửi bị giữ", "Held outbox rows")
        found = await acts.list_held(self._operator)
        return self._page(request, nonce, "ops_held.html", title, found=found, done=_done(request))

    async def _trace(self, request: Request, nonce: str) -> Response:
        subject = _uuid(request.query_params.get("subject", ""))
        trace = await read_trace(self._operator, subject)
        title = say_of(request)("Cây sự kiện", "Trace")
        lines = "\n".join(draw(trace))
        return self._page(request, nonce, "ops_trace.html", title, subject=subject, lines=lines)

    # --- what is done

    async def _redrive(self, request: Request, nonce: str, form: Form) -> Response:
        ids = form.all("parked_id")
        if ids:
            count = await acts.redrive(self._operator, map(_uuid, ids))
        else:
            count = await acts.redrive_all(
                self._operator, form.get("consumer") or None, form.get("reason") or None
            )
        return self._back(request, "redrive", count, _page_of(form))

    async def _discard(self, request: Request, nonce: str, form: Form) -> Response:
        typed = form.get("why")
        try:
            count = await acts.discard(self._operator, map(_uuid, form.all("parked_id")), typed)
        except Unanswered as refused:
            if form.get("service"):
                return await self._one_with(
                    request,
                    nonce,
                    form.get("service"),
                    form.get("parked_id"),
                    refused=refused,
                    why=typed,
                )
            wanted = {name: form.get(name) for name in ("consumer", "reason")}
            return await self._parked_with(request, nonce, wanted, typed, refused)
        return self._back(request, "discard", count, _page_of(form))

    async def _values(self, request: Request, nonce: str, form: Form) -> Response:
        """Not an act and not an address: shown once, under the purpose that was typed."""
        service, parked_id, purpose = (
            form.get(name) for name in ("service", "parked_id", "purpose")
        )
        given: dict[str, Any] = {"purpose": purpose}
        try:
            given["body"] = await acts.read_values(
                self._operator, _service(service), _uuid(parked_id), purpose
            )
        except Unanswered as refused:
            given["refused"] = refused
        return await self._one_with(request, nonce, service, parked_id, **given)

    async def _release(self, request: Request, nonce: str, form: Form) -> Response:
        service = form.get("service") or None
        seqs = [int(seq) for seq in form.all("seq") if seq.isdecimal() and len(seq) < 20]
        count = await acts.release(self._operator, service and _service(service), seqs)
        return self._back(request, "release", count)

    async def _replay(self, request: Request, nonce: str, form: Form) -> Response:
        names = ("consumer", "why", "households", "first", "last")
        typed = {name: form.get(name) for name in names}
        try:
            wanted = acts.ReplayRequest(
                typed["consumer"],
                typed["why"],
                tuple(_uuid(word) for word in typed["households"].replace(",", " ").split()),
                _day(typed["first"]),
                _day(typed["last"]),
            )
            asked = await acts.replay(self._operator, wanted)
        except Unanswered as refused:
            return await self._overview_with(request, nonce, typed, refused)
        return self._back(request, "replay", len(asked))

    async def _cancel(self, request: Request, nonce: str, form: Form) -> Response:
        is_stopped = await acts.cancel(self._operator, _uuid(form.get("replay_id")))
        return self._back(request, "cancel", int(is_stopped))

    async def _token(self, request: Request, nonce: str, form: Form) -> Response:
        if not self._takes_token:
            title = Text("Trang này có thẻ riêng.", "This page has a token of its own.")
            raise Unanswered("ops", 403, title)
        self._operator.use(form.get("token"))
        return self._back(request, "token", 1)


def _page_of(form: Form) -> str:
    """Where a form on one parked event leads back to; else the overview."""
    if form.get("service") not in NAMES:
        return ""
    return f"/parked/{form.get('service')}/{_uuid(form.get('parked_id'))}"


def _done(request: Request) -> Text | None:
    """What was done, as the address says after an act."""
    what = _DONE.get(request.query_params.get("done", ""))
    count = request.query_params.get("count", "")
    if what is None or not count.isdecimal() or len(count) > _LONGEST_COUNT:
        return None
    return Text(f"{what.vi}: {int(count):,}", f"{what.en}: {int(count):,}")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _unreadable("Mã phải là UUID.", "An id is a UUID.") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _unreadable("Ngày dạng 2026-01-31.", "A day is like 2026-01-31.") from None


def _service(name: str) -> str:
    if name not in NAMES:
        raise _unreadable("Không có dịch vụ này.", "There is no such service.")
    return name


def _unreadable(vi: str, en: str) -> Unanswered:
    return Unanswered("ops", 422, Text(vi, en))
