"""A refusal names the field, and never a name that the caller made up."""

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError

from libs.common.web.problems import problem_of

SECRET = "Nguyễn Thị Bí Mật 079185001234"


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by_name: dict[str, list[int]] = {}
    rows: list[int] = []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"rows": [1, "x"]}, "/rows/1"),
        ({SECRET: 1}, ""),
        ({"by_name": {SECRET: None}}, "/by_name/*"),
        ({"by_name": {SECRET: [None]}}, "/by_name/*/0"),
    ],
)
def test_pointers_hold_our_names_alone(body: object, pointer: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Wanted.model_validate(body)
    found = [{**error, "loc": ("body", *error["loc"])} for error in refused.value.errors()]
    problem = problem_of(RequestValidationError(found))
    assert [error.pointer for error in problem.errors] == [pointer]
