"""A form's fields are JSON pointers: it is the API's document, and a refusal finds its field."""

from typing import Any

import pytest

from libs.common.web.screens.forms import Typed
from libs.common.web.screens.rendering import Refusal, Visit
from libs.common.web.screens.seal import Seal
from libs.common.web.screens.uploads import Upload, read_upload

DOCUMENT = {
    "status": 422,
    "code": "request.invalid",
    "title": "Dữ liệu gửi lên không hợp lệ.",
    "title_en": "The request does not hold what it should.",
    "errors": [
        {
            "pointer": pointer,
            "rule": "missing",
            "message": {"vi": "Thiếu.", "en": "Missing."},
            "fix": {"vi": "Bổ sung.", "en": "Add it."},
        }
        for pointer in ("/members/0", "/query/commune", "/header/x-purpose", "/reason")
    ],
}


@pytest.mark.parametrize("case", ["YC số 7", "yc 7", "x" * 41, "7/2026"])
def test_a_number_that_no_header_can_say_is_refused_by_its_own_field(case: str) -> None:
    problem = Typed([("_purpose", "complaint"), ("_case", case)]).refused()
    assert problem is not None
    assert [error.pointer for error in problem.errors] == ["_case"]
    assert Typed([("_purpose", "complaint"), ("_case", "YC-7.a")]).refused() is None


@pytest.mark.parametrize(
    ("typed", "document"),
    [
        ({"/reason": " vì sinh con "}, {"reason": "vì sinh con"}),
        ({"/reason": "", "/day": "2022-01-01"}, {"day": "2022-01-01"}),
        ({"/members/0/sex": "male"}, {"members": [{"sex": "male"}]}),
        ({"/persons/-": "a"}, {"persons": ["a"]}),
        ({"_token": "x", "other": "y"}, {}),
        ({"/a": "1", "/a/b": "2"}, {"a": "1"}),
        ({"/" + "/".join("abcdefghij"): "too deep"}, {}),
    ],
)
def test_what_is_typed_is_the_document(typed: dict[str, str], document: dict[str, Any]) -> None:
    assert Typed(typed.items()).document() == document


def test_an_empty_place_of_a_list_closes_up_in_what_is_sent_and_shown() -> None:
    typed = Typed([("/members/0/sex", ""), ("/members/2/sex", "male"), ("/reason", "x")])
    closed = typed.closed_up()
    assert closed.document() == {"members": [{"sex": "male"}], "reason": "x"}
    assert closed.get("/members/0/sex") == "male"


def test_a_field_that_goes_along_fills_no_place_alone() -> None:
    picked = [("~/relations/0/person_id", "a"), ("/relations/0/relation", "")]
    picked += [("~/relations/1/person_id", "b"), ("/relations/1/relation", "head"), ("_key", "k")]
    closed = Typed(picked).closed_up()
    assert closed.document() == {"relations": [{"person_id": "b", "relation": "head"}]}
    assert closed.get("_key") == "k"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join(b"a=b" for _ in range(5_000)), b"a=%ff"])
def test_a_broken_form_is_refused(body: bytes) -> None:
    assert not isinstance(Typed.parse(body), Typed)


@pytest.mark.parametrize(
    ("shown", "pointer"),
    [
        ("/members/0/sex", "/members/0"),  # the first field within
        ("/commune", "/commune"),  # a question's
        ("_purpose", "_purpose"),  # a header's
        ("/reason", "/reason/length"),  # the field that it is in
        ("", "/elsewhere"),
    ],
)
def test_a_refusal_leads_to_its_field(shown: str, pointer: str) -> None:
    visit = Visit(refused=Refusal.of(DOCUMENT))
    for name in ("/members/0/sex", "/commune", "_purpose", "/reason"):
        visit.value(name)
    assert visit.link(pointer) == shown


@pytest.mark.parametrize(("language", "said"), [("vi", "Thiếu."), ("en", "Missing.")])
def test_a_refusal_is_said_in_the_readers_language(language: str, said: str) -> None:
    visit = Visit(language=language, refused=Refusal.of(DOCUMENT))
    for name in ("/commune", "_purpose", "/reason"):
        assert [visit.text(error.message) for error in visit.errors(name)] == [said]


def test_a_seal_opens_what_it_closed_under_any_of_its_keys_and_nothing_else() -> None:
    old, new = "o" * 32, "n" * 32
    sealed = Seal(old).close({"name": "Nông"})
    assert Seal(new, old).open(sealed) == {"name": "Nông"}
    assert Seal(new).open(sealed) is None
    assert Seal(old).open(sealed[:-2] + "xx") is None
    assert Seal(old).open(sealed, seconds=-1) is None
    with pytest.raises(ValueError, match="32"):
        Seal("short")


def test_a_form_with_a_file_is_its_fields_and_the_file() -> None:
    content = b"a;b\r\n1;--x\r\n"
    body = (
        b'--x\r\nContent-Disposition: form-data; name="/effective_on"\r\n\r\n2022-06-01\r\n'
        b'--x\r\nContent-Disposition: form-data; name="/file"; filename="h\xe1\xbb\x99.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n" + content.replace(b"--x", b"-x") + b"\r\n--x--\r\n"
    )
    upload = read_upload(body, "multipart/form-data; boundary=x")
    assert isinstance(upload, Upload)
    assert upload.content == b"a;b\r\n1;-x\r\n"
    assert upload.typed.questions() == [("effective_on", "2022-06-01")]


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"--x\r\nno header end\r\n--x--", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"--x--", "multipart/form-data"),
        (b"--x" * 200 + b"--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_a_broken_form_with_a_file_is_refused(body: bytes, media: str) -> None:
    assert not isinstance(read_upload(body, media), Upload)
