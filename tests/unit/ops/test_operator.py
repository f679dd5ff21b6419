"""Where the services are, and what a refusal looks like on a terminal."""

import httpx
import pytest
from starlette.responses import Response

from ansinh.ops import printing
from ansinh.ops.client import Operator, Unanswered, address_of
from libs.common.ids import new_id
from libs.common.problems import FieldError, Problem, Text
from libs.common.web.problems import render


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("http://localhost:8000", "http://localhost:8000/credit"),
        ("http://localhost:8000/", "http://localhost:8000/credit"),
        ("http://{service}-api:8000", "http://credit-api:8000"),
        ("https://{service}.ops.example.vn", "https://credit.ops.example.vn"),
        ("registry=http://127.0.0.1:1, credit=http://127.0.0.1:3/", "http://127.0.0.1:3"),
    ],
)
def test_one_setting_says_where_every_service_is(base: str, address: str) -> None:
    assert address_of(base, "credit") == address


async def refused_with(answer: Response) -> Unanswered:
    """What an operator is told by a service that answers so."""

    async def token() -> str:
        return "token"

    transport = httpx.ASGITransport(answer)
    client = httpx.AsyncClient(transport=transport, base_url="http://credit.test")
    async with Operator({"credit": client}, token) as operator:
        with pytest.raises(Unanswered) as refused:
            await operator.get("credit", "progress")
    return refused.value


async def test_a_problem_document_is_said_in_both_languages() -> None:
    broken = FieldError("/reason", "too_short", Text("Quá ngắn.", "Too short."), Text("A", "B"))
    problem = Problem(422, "x", Text("Không được.", "Refused."), [broken])
    error = await refused_with(render(problem, new_id()))
    assert list(printing.unanswered(error)) == [
        "credit: Không được. / Refused.",
        "    /reason: Quá ngắn. A",
        "    /reason: Too short. B",
    ]


async def test_an_answer_that_is_no_problem_document_is_told_by_its_status() -> None:
    error = await refused_with(Response("<html>", 502))
    assert list(printing.unanswered(error)) == ["credit: Lỗi 502. / Error 502."]


async def test_without_a_token_and_an_issuer_the_setting_is_named() -> None:
    async with Operator.at("http://{service}.invalid") as operator:
        with pytest.raises(Unanswered) as refused:
            await operator.get("credit", "progress")
    assert "ANSINH_TOKEN" in refused.value.title.en


def test_columns_are_aligned_and_numbers_stand_to_the_right() -> None:
    headers = (Text("BỘ NHẬN", "CONSUMER"), Text("THIẾU", "BEHIND"))
    assert list(printing.table(headers, [("a", "1,200"), ("longer.name", "7")])) == [
        "BỘ NHẬN       THIẾU",
        "CONSUMER     BEHIND",
        "a             1,200",
        "longer.name       7",
    ]
