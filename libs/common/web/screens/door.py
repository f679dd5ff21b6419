"""Before the screens: a browser's cookie becomes a bearer token, its form the JSON of the API.

Plain ASGI, outside of the edge. What the edge refuses comes back as a problem document; then the
page that showed the form is asked for again, by the same road, and shows the refusal beside the
fields with everything that was typed. A form that arrives after the sign-in has ended waits, sealed
in the browser, until the person has signed in again.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.common.ids import new_id
from libs.common.problems import Problem, Text
from libs.common.security.tokens import IssuerUnreachable
from libs.common.web.act import Runtime
from libs.common.web.middleware import inner_path, log_failure
from libs.common.web.problems import MEDIA_TYPE, plain, problem_of
from libs.common.web.screens import uploads
from libs.common.web.screens.forms import LARGEST_FORM, TOKEN, Typed
from libs.common.web.screens.rendering import LANGUAGES, VISIT_KEY, Frame, Refusal, Visit
from libs.common.web.screens.seal import Cookie
from libs.common.web.screens.session import Session
from libs.common.web.screens.settings import ScreenSettings
from libs.common.web.screens.signin import SignIn

PREFIX = "/screens"
_STYLE = Path(__file__).parent / "templates" / "style.css"
_DRAFT_SECONDS = 900
_FORM = "application/x-www-form-urlencoded"
_REFUSED_QUESTIONS = (400, 422)


@dataclass
class _Caught:
    """A problem document that the edge answered instead of a page."""

    document: dict[str, Any]


class Door:
    """Wraps an application with screens; every other path passes.

    Args:
        app: the edge and what is behind it.
        runtime: the application's.
        settings: where browsers reach the screens.
        frame: makes the pages that the door itself shows.
    """

    def __init__(
        self, app: ASGIApp, runtime: Runtime, settings: ScreenSettings, frame: Frame
    ) -> None:
        self._app = app
        self._runtime = runtime
        self._settings = settings
        self._frame = frame
        self._signing = SignIn(settings, runtime)
        self._draft = Cookie(settings.seal, "ansinh_draft", is_secure=settings.is_secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = inner_path(scope) if scope["type"] == "http" else ""
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return
        turn = _Turn(scope, receive, send)
        visit = _visit(turn.request)
        try:
            answer = await self._answer(turn, visit, path.removeprefix(PREFIX))
        except ClientDisconnect:
            return
        except (Problem, IssuerUnreachable) as error:
            answer = self._refused(visit, _problem_of(error))
        except Exception as error:
            problem = problem_of(error)
            log_failure(error, problem, new_id())
            answer = self._refused(visit, problem)
        if answer is not None:
            await answer(scope, receive, self._sending(turn, visit))

    async def _answer(self, turn: "_Turn", visit: Visit, path: str) -> Response | None:
        """An answer of the door's own; None where a page has been sent."""
        request = turn.request
        if path == "/style.css":
            return _style()
        if (wanted := request.query_params.get("lang")) in LANGUAGES:
            return _in_language(request, visit, wanted)
        match path:
            case "/sign-in":
                return await self._signing.begin(request, turn.kept, visit)
            case "/signed-in":
                return await self._signing.finish(request, turn.kept, visit)
            case "/signed-out":
                return self._frame.page(visit, "frame/signed_out.html", _SIGNED_OUT)
        today = self._runtime.clock.today()
        if request.method == "GET" and (page := self._frame.open_page(visit, path, today)):
            return page
        session, is_good = await self._signing.session(request, turn.kept, visit)
        if request.method == "POST":
            typed, file = await self._form(turn, session)
            if path == "/sign-out":
                return await self._signing.end(turn.kept, visit)
            if session is None or not is_good:
                return self._wait(turn, visit, session, typed)
            return await self._post(turn, _of(visit, session), session, typed, file)
        if path == "":
            return RedirectResponse(f"{visit.base}/households", 303)
        if session is None or not is_good:
            return self._signing.ask(visit)
        return await self._get(turn, self._with_draft(turn, _of(visit, session), session), session)

    # --- pages

    async def _get(self, turn: "_Turn", visit: Visit, session: Session) -> Response | None:
        pairs = parse_qsl(turn.request.url.query, max_num_fields=100)  # empty ones are left out
        caught = await self._ask(turn, visit, session, "GET", query=pairs)
        if caught is None:
            return None
        refusal = Refusal.of(caught.document)
        if refusal.status == 401:
            return self._signing.ask(visit)
        if not pairs or refusal.status not in _REFUSED_QUESTIONS or visit.refused is not None:
            return self._shown(visit, refusal)
        typed = Typed((f"/{name}", value) for name, value in pairs)
        again = replace(visit, typed=typed, refused=refusal, fields=[])
        caught = await self._ask(turn, again, session, "GET")
        return None if caught is None else self._shown(visit, refusal)

    async def _post(
        self, turn: "_Turn", visit: Visit, session: Session, typed: Typed, file: bytes | None
    ) -> Response | None:
        typed = typed.closed_up()
        body = json.dumps(typed.document(), ensure_ascii=False).encode()
        asked = query = parse_qsl(turn.request.url.query, max_num_fields=100)
        if (problem := typed.refused()) is not None:
            return await self._again(turn, visit, session, typed, Refusal.of_problem(problem))
        if file is not None:
            body, asked = file, [*query, *typed.questions()]
        typing = replace(visit, typed=typed, fields=[])  # a form that only asks is shown again
        caught = await self._ask(
            turn, typing, session, "POST", query=asked, headers=typed.headers(), body=body
        )
        if caught is None:
            return None
        refusal = Refusal.of(caught.document)
        if refusal.status == 401:
            return self._wait(turn, visit, session, typed)
        return await self._again(turn, visit, session, typed, refusal)

    async def _again(
        self, turn: "_Turn", visit: Visit, session: Session, typed: Typed, refusal: Refusal
    ) -> Response | None:
        """The page of a refused form, with what was typed; a page of its own where it has none."""
        again = replace(visit, typed=typed, refused=refusal, fields=[])
        query = parse_qsl(turn.request.url.query, max_num_fields=100)
        shown = await self._ask(turn, again, session, "GET", query=query)
        return None if shown is None else self._shown(visit, refusal)

    async def _ask(
        self,
        turn: "_Turn",
        visit: Visit,
        session: Session,
        method: str,
        *,
        query: list[tuple[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> _Caught | None:
        """Ask the edge; what it answers is sent, unless it is a problem document. A route that
        takes a file asks for no kind of content.
        """
        passed = MutableHeaders(raw=list(turn.scope["headers"]))
        for name in ("content-type", "content-length", "transfer-encoding", "authorization"):
            if name in passed:
                del passed[name]
        passed["authorization"] = f"Bearer {session.access}"
        for name, value in (headers or {}).items():
            passed[name] = value
        if body:
            passed["content-type"] = "application/json"
            passed["content-length"] = str(len(body))
        scope = {
            **turn.scope,
            "method": method,
            "headers": passed.raw,
            "query_string": urlencode(query or []).encode(),
            VISIT_KEY: visit,
        }
        catching = _Catching(self._sending(turn, visit))
        await self._app(scope, _replay(body, turn.receive), catching)
        return catching.caught

    def _shown(self, visit: Visit, refusal: Refusal) -> Response:
        bare = replace(visit, typed=Typed(()), refused=refusal, fields=[])
        return self._frame.page(bare, "frame/refused.html", refusal.title)

    def _refused(self, visit: Visit, problem: Problem) -> Response:
        return self._shown(visit, Refusal.of_problem(problem))

    # --- forms

    async def _form(self, turn: "_Turn", session: Session | None) -> tuple[Typed, bytes | None]:
        """The posted form of this browser's own page, and the file in it, if it has one."""
        request = turn.request
        content_type = request.headers.get("content-type", "")
        media = content_type.partition(";")[0].strip().lower()
        if media not in (_FORM, uploads.MEDIA):
            raise plain(415)
        if not self._is_ours(request.headers):
            raise _FOREIGN
        is_upload = media == uploads.MEDIA
        largest = self._runtime.limits.body_bytes if is_upload else LARGEST_FORM
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > largest:
                raise plain(413)
        file: bytes | None = None
        if is_upload:
            sent = uploads.read_upload(bytes(body), content_type)
            typed, file = (sent, None) if isinstance(sent, Text) else (sent.typed, sent.content)
        else:
            typed = Typed.parse(bytes(body))
        if isinstance(typed, Text):
            raise Problem(400, "form.unreadable", typed)
        if session is None or not session.holds(typed.get(TOKEN)):
            raise _FOREIGN
        return typed, file

    def _is_ours(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is not None:
            return origin == self._settings.origin
        return headers.get("sec-fetch-site", "same-origin") == "same-origin"

    def _wait(self, turn: "_Turn", visit: Visit, session: Session | None, typed: Typed) -> Response:
        """Keep what was typed until the person has signed in again."""
        if session is not None:
            pairs = [pair for pair in typed.pairs if pair[0] != TOKEN]
            kept = {"subject": session.subject, "here": visit.here, "pairs": pairs}
            self._draft.write(turn.kept, kept, visit.base)
        return self._signing.ask(visit)

    def _with_draft(self, turn: "_Turn", visit: Visit, session: Session) -> Visit:
        kept = self._draft.read(turn.request.cookies, _DRAFT_SECONDS)
        if not isinstance(kept, dict) or kept["here"] != visit.here:
            return visit
        self._draft.forget(turn.kept, visit.base)
        if kept["subject"] != session.subject:  # somebody else has signed in
            return visit
        return replace(visit, typed=Typed(kept["pairs"]), is_kept=True)

    def _sending(self, turn: "_Turn", visit: Visit) -> Send:
        """Every answer: nothing from elsewhere, nothing inline, nothing kept."""

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = (
                    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
                    f"form-action 'self' {self._signing.origin}; frame-ancestors 'none'"
                )
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-store")
                for name, value in turn.kept.items():
                    headers.append(name, value)
            await turn.send(message)

        return send


class _Turn:
    """One request, and the cookies that its answer is going to set."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.request = Request(scope, receive)
        self.kept = MutableHeaders()


class _Catching:
    """Sends an answer on, unless it is a problem document: that is kept."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._problem: list[bytes] | None = None
        self.caught: _Caught | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            media = Headers(raw=message["headers"]).get("content-type", "")
            if media.startswith(MEDIA_TYPE):
                self._problem = []
        if self._problem is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._problem.append(message.get("body", b""))
            if not message.get("more_body", False):
                self.caught = _Caught(json.loads(b"".join(self._problem)))


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once, then whatever the browser does."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed


def _visit(request: Request) -> Visit:
    language = request.cookies.get("ansinh_language", "vi")
    path, query = request.url.path, request.url.query
    return Visit(
        language=language if language in LANGUAGES else "vi",
        base=request.scope.get("root_path", "") + PREFIX,
        here=f"{path}?{query}" if query else path,
    )


def _of(visit: Visit, session: Session) -> Visit:
    return replace(visit, name=session.name, form_token=session.form_token)


def _style() -> Response:
    text = _STYLE.read_text(encoding="utf-8")
    return Response(text, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _in_language(request: Request, visit: Visit, wanted: str) -> Response:
    rest = [pair for pair in parse_qsl(request.url.query) if pair[0] != "lang"]
    address = request.url.path + (f"?{urlencode(rest)}" if rest else "")
    answer = RedirectResponse(address, 303)
    answer.set_cookie("ansinh_language", wanted, 31_536_000, path=visit.base, samesite="lax")
    return answer


def _problem_of(error: Problem | IssuerUnreachable) -> Problem:
    return error if isinstance(error, Problem) else _UNREACHABLE


_SIGNED_OUT = Text("Đã đăng xuất", "Signed out")
_FOREIGN = Problem(
    403,
    "form.foreign",
    Text(
        "Biểu mẫu này không phải từ trang vừa mở ở trình duyệt này. Mở lại trang rồi gửi lại.",
        "This form is not from a page just opened in this browser. Open the page again and send.",
    ),
)
_UNREACHABLE = Problem(
    503,
    "signin.unreachable",
    Text(
        "Máy chủ đăng nhập không trả lời. Thử lại sau ít phút.",
        "The sign-in server does not answer. Try again in a few minutes.",
    ),
)
