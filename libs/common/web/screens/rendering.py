"""How every screen is made: the frame, the reader's language, what was refused beside its field."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from libs.common.clock import VIETNAM
from libs.common.ids import new_id
from libs.common.problems import Problem, Text
from libs.common.security.roles import Role
from libs.common.service import Screens, Words
from libs.common.web.act import SCOPE_KEY
from libs.common.web.description import ENDED_HEADER
from libs.common.web.screens.forms import KEY, PURPOSE, TOKEN, VERSION, Typed
from libs.common.wording import ethnicity_word, word_of

VISIT_KEY = "ansinh.visit"
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
_FRAME = Path(__file__).parent / "templates"
_HEADER_FIELDS = {"/header/x-purpose": PURPOSE, "/header/if-match": VERSION}


@dataclass(frozen=True)
class Broken:
    """One broken rule, and the pointer of the field where it is mended."""

    field: str
    message: Text
    fix: Text


@dataclass(frozen=True)
class Refusal:
    """A problem document as a page shows it."""

    status: int
    code: str
    title: Text
    errors: tuple[Broken, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Refusal":
        """Of a problem document (RFC 9457) of our own."""
        return cls(
            int(document["status"]),
            str(document["code"]),
            Text(document["title"], document["title_en"]),
            tuple(
                Broken(_field(error["pointer"]), Text(**error["message"]), Text(**error["fix"]))
                for error in document.get("errors", ())
            ),
        )

    @classmethod
    def of_problem(cls, problem: Problem) -> "Refusal":
        """Of what was refused before it became a document."""
        errors = tuple(Broken(_field(one.pointer), one.message, one.fix) for one in problem.errors)
        return cls(problem.status, problem.code, problem.title, errors)

    def at(self, name: str) -> list[Broken]:
        """What is wrong with a field."""
        return [error for error in self.errors if error.field == name]


def _field(pointer: str) -> str:
    return _HEADER_FIELDS.get(pointer, pointer.removeprefix("/query"))


@dataclass
class Visit:
    """One request of a browser, as its page needs it.

    Attributes:
        language: `vi` or `en`.
        base: path under which the screens are.
        here: path and query of the page; a form's address is its page's.
        name: who is signed in.
        form_token: what a form must carry.
        typed: what was typed into a form that was refused or waits for a sign-in.
        refused: why it was refused.
        is_kept: what was typed waited for a sign-in.
        fields: the fields that the page has shown so far, for the links of the summary.
    """

    language: str = "vi"
    base: str = ""
    here: str = ""
    name: str = ""
    form_token: str = ""
    typed: Typed = field(default_factory=lambda: Typed(()))
    refused: Refusal | None = None
    is_kept: bool = False
    fields: list[str] = field(default_factory=list)

    def say(self, vi: str, en: str) -> str:
        return en if self.language == "en" else vi

    def text(self, text: Text) -> str:
        return self.say(text.vi, text.en)

    def said(self, text: Mapping[str, str]) -> str:
        """A text of a problem document."""
        return text[self.language]

    def shows(self, name: str) -> None:
        """The page has this field."""
        self.fields.append(name)

    def value(self, name: str, given: Any = None) -> str:
        """What a field shows: what was typed, else what the page gives."""
        self.fields.append(name)
        if name in self.typed:
            return self.typed.get(name)
        return "" if given is None else str(given)

    def is_chosen(self, name: str, option: str, given: Any = None) -> bool:
        """Whether an option of a field is the chosen one; what is not chosen is not sent, so a form
        that comes back says it whole.
        """
        self.fields.append(name)
        if self.typed:
            return option in self.typed.all(name)
        chosen = given if isinstance(given, (list, tuple, set, frozenset)) else (given,)
        return option in {str(one) for one in chosen if one is not None}

    def place(self, at: str, key: str, value: object, free: int) -> int:
        """The place of a list at which somebody or something was typed; else a free one.

        Args:
            at: pointer of the list.
            key: field of a place that tells whom it is about; `value` is what it holds.
            free: of the rows that the page offers, counted from 0.
        """
        for name, typed in self.typed.pairs:
            if typed == str(value) and name.startswith(f"{at}/") and name.endswith(f"/{key}"):
                return int(name[len(at) + 1 :].partition("/")[0])
        return free + len(self.typed.pairs)

    def errors(self, name: str) -> list[Broken]:
        return [] if self.refused is None else self.refused.at(name)

    def link(self, name: str) -> str:
        """The shown field that a pointer means: itself, one within it, or the one that it is in."""
        shown = [one for one in self.fields if name and (one == name or one.startswith(f"{name}/"))]
        within = [one for one in self.fields if one and name.startswith(f"{one}/")]
        return next(iter((*shown, *within)), "")


def visit_of(request: Request) -> Visit:
    """The visit of a request; one without a browser's cookie, where a token came by itself."""
    found = request.scope.get(VISIT_KEY)
    base = request.scope.get("root_path", "") + "/screens"
    return found if isinstance(found, Visit) else Visit(base=base)


class Frame:
    """What surrounds every page of a service.

    Args:
        screens: its rooms' templates and its menu.
    """

    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        rooms = {name: FileSystemLoader(folder) for name, folder in screens.templates.items()}
        self.templates = Environment(
            loader=PrefixLoader({"frame": FileSystemLoader(_FRAME), **rooms}),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(
        self,
        visit: Visit,
        template: str,
        title: Text,
        *,
        status: int = 200,
        roles: Iterable[Role] = (),
        **values: Any,
    ) -> HTMLResponse:
        """The page of a template within the frame; a refused form has its refusal's status."""
        shown = {**_tools(visit, self._screens.words), "title": visit.text(title), **values}
        body = self.templates.get_template(template).render(shown)
        if visit.refused is not None:
            status = visit.refused.status
        held = frozenset(roles)
        public = self._screens.public
        menu = [entry for entry in self._screens.menu if held & entry.roles]
        whole = self.templates.get_template("frame/layout.html")
        return HTMLResponse(
            whole.render({**shown, "body": Markup(body), "menu": menu, "public": public}),  # noqa: S704 (escaped)
            status_code=status,
            headers={"Content-Language": visit.language},
        )

    def open_page(self, visit: Visit, path: str, day: date) -> HTMLResponse | None:
        """The page for whoever asks at this path, if there is one."""
        for page in self._screens.public:
            if page.path == path:
                return self.page(visit, page.template, page.title, **page.values(day))
        return None


def render(
    request: Request, template: str, title: Text, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """The page that a route answers.

    Args:
        request: the route's.
        template: `room/name.html`; it has `say`, `visit` and the filters of this module.
        title: of the page.
        status: unless a refused form is shown again.
        values: what the template shows.
    """
    frame: Frame = request.app.state.frame
    act = request.scope[SCOPE_KEY]
    roles = frozenset() if act.caller is None else act.caller.roles
    frame_values = {"who": act.caller, "ended": _ended(act.headers.get(ENDED_HEADER, ""))}
    return frame.page(
        visit_of(request), template, title, status=status, roles=roles, **frame_values, **values
    )


def _ended(header: str) -> list[tuple[str, date]]:
    """Codes of the caller's areas whose units have ended, and since when."""
    pairs = [one.split(" until ") for one in header.split(", ") if one]
    return [(code, date.fromisoformat(since)) for code, since in pairs]


def see_other(request: Request, path: str) -> RedirectResponse:
    """After an act: where the browser looks at what came of it; `path` is within the screens."""
    return RedirectResponse(visit_of(request).base + path, status_code=303)


def day(value: date | None) -> str:
    """A day as people here write it."""
    return "–" if value is None else f"{value:%d/%m/%Y}"


def last_day(until: date | None) -> str:
    """The last day of a period that ends before `until`."""
    return "" if until is None else day(until - timedelta(days=1))


def instant(value: datetime | None) -> str:
    """An instant by the clock of Vietnam."""
    return "–" if value is None else f"{value.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def _tools(visit: Visit, words: Words) -> dict[str, Any]:
    def number(value: int) -> str:
        grouped = f"{value:,}"
        return grouped if visit.language == "en" else grouped.replace(",", ".")

    def word(value: StrEnum) -> str:
        own = words.get(type(value), {}).get(value.value)
        return visit.text(own or word_of(value))

    tools: dict[str, Callable[..., Any]] = {
        "say": visit.say,
        "day": day,
        "last_day": last_day,
        "instant": instant,
        "number": number,
        "word": word,
        "ethnicity": lambda slug: ethnicity_word(slug),
    }
    other = "vi" if visit.language == "en" else "en"
    return {
        **tools,
        "visit": visit,
        "at": visit.base,
        "languages": LANGUAGES,
        "other_language": other,
        "who": None,
        "reload_after": None,
        "fresh_key": new_id,
        "names": {"token": TOKEN, "key": KEY, "version": VERSION, "purpose": PURPOSE},
    }
