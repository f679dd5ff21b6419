"""Names as the standard says them: in parts, and in the bytes that a signature covers."""

from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.dci import canonical
from services.registry.dci.naming import written
from services.registry.vault.domain import tidy

NAMES = [
    ("Đinh Văn Tỷ", {"surname": "Đinh", "second_name": "Văn", "given_name": "Tỷ"}),
    ("Lý Mai", {"surname": "Lý", "given_name": "Mai"}),
    ("Nông Thị Bé Út", {"surname": "Nông", "second_name": "Thị Bé", "given_name": "Út"}),
    ("Siu", {"given_name": "Siu"}),
    ("H\u2019Hen Ni\u00ea", {"surname": "H\u2019Hen", "given_name": "Ni\u00ea"}),
]


@pytest.mark.parametrize(("name", "parts"), NAMES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_said_in_its_parts_however_it_was_typed(
    name: str, parts: dict[str, str], form: Literal["NFC", "NFD"]
) -> None:
    [said] = canonical.parse(b"{%b}" % written(tidy(normalize(form, name)))[:-1]).values()
    assert said == parts


# Every letter that Vietnamese and its minorities' languages use, and marks that stand alone.
LETTERS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x1EFF, exclude_categories=["C"]))


@given(LETTERS.filter(str.strip))
def test_what_is_written_is_what_both_profiles_sign(typed: str) -> None:
    """Combining marks without a composed letter as well; the parts together are the name."""
    name = tidy(typed)
    whole = b"{%b}" % written(name)[:-1]
    parsed = canonical.parse(whole)
    assert canonical.utf8(parsed) == whole
    assert canonical.parse(canonical.ascii_only(parsed)) == parsed
    order = ("surname", "second_name", "given_name")
    assert " ".join(parsed["name"][part] for part in order if part in parsed["name"]) == name
