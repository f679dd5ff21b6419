"""How every page of the console is made: templates, and the language of the reader."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


def language_of(request: Request) -> str:
    """`vi` unless `en` is asked for."""
    return "en" if request.query_params.get("lang") == "en" else "vi"


def say_of(request: Request) -> Callable[[str, str], str]:
    """Chooses between a Vietnamese and an English text."""
    return (lambda vi, en: en) if language_of(request) == "en" else (lambda vi, en: vi)


def render(
    request: Request, template: str, title: str, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """The page of a template, with what every page has."""
    language = language_of(request)
    other = "vi" if language == "en" else "en"
    address = request.url.include_query_params(lang=other)
    given = {
        "title": title,
        "language": language,
        "other_language": other,
        "other_address": f"?{address.query}",
        "home": f"./?lang={language}",
        "say": say_of(request),
        **values,
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render(given), status_code=status)
