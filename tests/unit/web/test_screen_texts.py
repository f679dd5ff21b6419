"""Everything on a screen is there in both languages."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from libs.common import wording
from libs.common.vocabulary import ETHNICITIES
from services.registry.screens.words import WORDS
from tests.support.servers import repository

TEMPLATES = sorted(
    path
    for folder in ("libs/common/web/screens", "services")
    for path in (repository() / folder).rglob("templates/*.html")
)
# Jinja's own, then tags, then attributes that a macro writes apart from its tag.
_NO_TEXT = (r"{#.*?#}|{%.*?%}|{{.*?}}", r"<[^>]*>", r'[\w-]+="[^"]*"')
_WORD = re.compile(r"[^\W\d_]{2,}")


def _id(path: Path) -> str:
    return f"{path.parts[-3]}-{path.name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=_id)
def test_a_template_has_no_word_outside_of_say(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("An Sinh", "")
    for pattern in _NO_TEXT:
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    assert _WORD.findall(text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_id)
def test_a_template_says_two_different_texts(path: Path) -> None:
    tree = Environment().parse(path.read_text(encoding="utf-8"))  # noqa: S701 (renders nothing)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            vi, en = [one.as_const() for one in call.args]
            assert len({vi, en, ""}) == 3, (vi, en)


LISTS = {**wording.WORDS, **WORDS}


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.__name__)
def test_a_word_list_is_whole_in_both_languages(words: type[StrEnum]) -> None:
    assert set(LISTS[words]) == {one.value for one in words}
    assert all(text.vi and text.en for text in LISTS[words].values())


def test_every_ethnicity_has_its_name() -> None:
    assert set(wording.ETHNICITY_WORDS) == ETHNICITIES
    assert wording.ethnicity_word("e_de") == "Ê Đê"
