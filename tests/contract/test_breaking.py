"""The comparer: which changes of a schema break whom."""

import copy
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel, Field

from tools.contracts.breaking import Way, breaks
from tools.contracts.breaking_api import api_breaks


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class FewerColours(StrEnum):
    RED = "red"


class MoreColours(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Part(BaseModel):
    size: int


class Thing(BaseModel):
    kind: Colour
    count: int
    note: str | None = None
    parts: tuple[Part, ...] = ()


class _Same(Thing):
    pass


class _Added(Thing):
    later: str | None = None


class _MoreValues(Thing):
    kind: MoreColours  # type: ignore[assignment]


class _Removed(BaseModel):
    kind: Colour
    note: str | None = None
    parts: tuple[Part, ...] = ()


class _Renamed(_Removed):
    number: int = 0


class _Required(Thing):
    later: str


class _NowRequired(Thing):
    note: str | None


class _FewerValues(Thing):
    kind: FewerColours  # type: ignore[assignment]


class _Narrowed(Thing):
    note: str = ""


class _Widened(Thing):
    count: int | None  # type: ignore[assignment]


class _OtherType(Thing):
    count: str  # type: ignore[assignment]


class _Bounded(Thing):
    count: int = Field(ge=1)


class _NowOptional(Thing):
    count: int = 0


class _NoList(Thing):
    kind: str  # type: ignore[assignment]


class _InnerPart(BaseModel):
    length: int


class _Inner(Thing):
    parts: tuple[_InnerPart, ...] = ()  # type: ignore[assignment]


def found(new: type[BaseModel], way: Way = Way.BOTH) -> list[str]:
    return [str(entry) for entry in breaks(Thing.model_json_schema(), new.model_json_schema(), way)]


@pytest.mark.parametrize("new", [_Same, _Added, _MoreValues])
def test_additions_break_nobody(new: type[BaseModel]) -> None:
    assert found(new) == []


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (_Removed, ["/count: field removed"]),
        (_Renamed, ["/count: field removed"]),
        (_Required, ["/later: new field is required"]),
        (_NowRequired, ["/note: field is required now"]),
        (_FewerValues, ["/kind: value removed: green"]),
        (_Narrowed, ["/note: type narrowed: null"]),
        (_Widened, ["/count: type widened: null"]),
        (_OtherType, ["/count: type narrowed: integer", "/count: type widened: string"]),
        (_Bounded, ["/count: minimum is tighter"]),
        (_NowOptional, ["/count: field may be missing now"]),
        (_NoList, ["/kind: values are not listed any more"]),
        (
            _Inner,
            [
                "/parts/items/size: field removed",
                "/parts/items/length: new field is required",
            ],
        ),
    ],
)
def test_breaking_change_of_an_event_is_found(new: type[BaseModel], expected: list[str]) -> None:
    assert found(new) == expected


@pytest.mark.parametrize("new", [_Required, _NowRequired, _Narrowed, _Bounded])
def test_answer_may_promise_more(new: type[BaseModel]) -> None:
    assert found(new, Way.READ) == []


@pytest.mark.parametrize("new", [_Widened, _NowOptional, _NoList])
def test_request_may_ask_less(new: type[BaseModel]) -> None:
    assert found(new, Way.WRITTEN) == []


def an_api() -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Thing"}
    return {
        "paths": {
            "/v1/things": {
                "post": {
                    "parameters": [
                        {"in": "query", "name": "dry", "schema": {"type": "boolean"}},
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": reference}},
                    },
                    "responses": {
                        "200": {"content": {"application/json": {"schema": reference}}},
                        "404": {},
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Thing": {
                    "type": "object",
                    "properties": {"count": {"type": "integer"}},
                    "required": ["count"],
                }
            }
        },
    }


def api_found(change: Any) -> list[str]:
    new = copy.deepcopy(an_api())
    change(new)
    return [str(entry) for entry in api_breaks(an_api(), new)]


OPERATION = "/v1/things"


def test_what_is_shared_by_reference_is_looked_up() -> None:
    """A parameter or an answer that moves to the components is the same promise."""

    def share(api: dict[str, Any]) -> None:
        post = api["paths"][OPERATION]["post"]
        api["components"]["parameters"] = {"dry": post["parameters"][0]}
        api["components"]["responses"] = {"Done": post["responses"]["200"]}
        post["parameters"] = [{"$ref": "#/components/parameters/dry"}]
        post["responses"]["200"] = {"$ref": "#/components/responses/Done"}

    assert api_found(share) == []


def test_same_api_and_additions_break_nobody() -> None:
    def grow(api: dict[str, Any]) -> None:
        post = api["paths"][OPERATION]["post"]
        api["paths"]["/v1/others"] = {}
        api["paths"][OPERATION]["get"] = {}
        post["parameters"].append({"in": "query", "name": "more", "schema": {}})
        post["responses"]["409"] = {}
        api["components"]["schemas"]["Thing"]["properties"]["later"] = {"type": "string"}

    assert api_found(lambda api: None) == []
    assert api_found(grow) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda api: api["paths"].clear(), ["/v1/things: path removed"]),
        (lambda api: api["paths"][OPERATION].clear(), ["post /v1/things: method removed"]),
        (
            lambda api: api["paths"][OPERATION]["post"]["parameters"].clear(),
            ["post /v1/things dry: parameter removed"],
        ),
        (
            lambda api: api["paths"][OPERATION]["post"]["parameters"][0].update(required=True),
            ["post /v1/things dry: parameter is required now"],
        ),
        (
            lambda api: api["paths"][OPERATION]["post"]["responses"].pop("404"),
            ["post /v1/things 404: answer removed"],
        ),
        (
            lambda api: api["paths"][OPERATION]["post"]["requestBody"]["content"].clear(),
            ["post /v1/things body: application/json removed"],
        ),
        (
            lambda api: api["components"]["schemas"]["Thing"]["properties"].clear(),
            [
                "post /v1/things body/count: field removed",
                "post /v1/things 200/count: field removed",
            ],
        ),
        (
            lambda api: api["components"]["schemas"]["Thing"]["required"].append("later"),
            ["post /v1/things body/later: new field is required"],
        ),
    ],
)
def test_breaking_change_of_an_api_is_found(change: Any, expected: list[str]) -> None:
    assert api_found(change) == expected
