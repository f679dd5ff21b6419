"""The API's description (OpenAPI): what every route shares, said once.

Every refusal is one `Problem` document; every request may name its act and its purpose; a write
may carry an idempotency key. FastAPI's own model of a 422 does not occur. Names are such that a
client can be generated from them: of schemas, of public operations, of tags.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.utils import generate_unique_id

from libs.common.areas.narrowing import GEOGRAPHY_HEADER
from libs.common.problems import Text
from libs.common.service import Service
from libs.common.web.idempotency import HEADER as IDEMPOTENCY_HEADER
from libs.common.web.idempotency import REPLAYED_HEADER
from libs.common.web.problems import MEDIA_TYPE
from libs.common.web.schemas import ProblemDocument

CORRELATION_HEADER = "X-Correlation-Id"
PURPOSE_HEADER = "X-Purpose"
ENDED_HEADER = "X-Area-Ended"
IF_MATCH_HEADER = "If-Match"

Node = dict[str, Any]

_WRITES = ("post", "put", "patch", "delete")
_PROBLEM = "Problem"
_REFUSALS = {
    "400": Text("Không đọc được yêu cầu", "The request cannot be read"),
    "401": Text("Thiếu hoặc sai mã đăng nhập", "The token is missing or not valid"),
    "403": Text("Không đúng vai trò hoặc ngoài địa bàn", "Another role, or outside the areas"),
    "404": Text("Không có, hoặc ngoài địa bàn", "Not there, or outside the caller's areas"),
    "409": Text("Trùng hoặc trái với dữ liệu đã ghi", "In conflict with what is recorded"),
    "410": Text("Không còn; hãy đọc lại từ đầu", "No more; read again from the beginning"),
    "412": Text("Đã được người khác thay đổi", "Changed by someone else since it was read"),
    "413": Text("Yêu cầu quá lớn", "The request is too large"),
    "415": Text("Không phải JSON", "The body is not JSON"),
    "422": Text("Trái quy tắc; nêu từng trường", "Breaks rules; each field is named"),
    "428": Text("Thiếu If-Match", "If-Match is missing"),
    "429": Text("Quá nhiều yêu cầu", "Too many requests"),
    "503": Text("Đang bận, hãy thử lại", "Busy, try again"),
    "504": Text("Xử lý quá lâu, đã huỷ", "Took too long and was cancelled"),
}
_RETRIED = ("429", "503")
_AREAS = ("area", "commune")  # parameters by which lists are narrowed


class DescribedApi(FastAPI):
    """A service's application whose description tells the whole contract of the edge."""

    def __init__(self, service: Service) -> None:
        super().__init__(
            title=f"An Sinh · {service.title.vi} / {service.title.en}",
            version="1",
            redoc_url=None,
            redirect_slashes=False,  # an address that is none is a 404, as the description says
            generate_unique_id_function=_operation_id,
        )

    def openapi(self) -> Node:
        if self.openapi_schema is None:
            self.openapi_schema = _complete(_with_short_names(super().openapi()))
        return self.openapi_schema


def _operation_id(route: APIRoute) -> str:
    """A public route's is its function's name; operators' routes are in no committed document."""
    return route.name if route.path.startswith("/v1/") else generate_unique_id(route)


def _with_short_names(document: Node) -> Node:
    """Where two rooms have a class of one name, FastAPI names both by their modules: say the room
    and the class, `LoansAct`, and give each the title that tells them apart.
    """
    schemas: Node = document.get("components", {}).get("schemas", {})
    names = {}
    for long in [name for name in schemas if "__" in name]:
        *_, room, _, own = long.split("__")
        short = f"{room.title()}{own}"
        schemas[short] = {**schemas.pop(long), "title": short}
        names[f"#/components/schemas/{long}"] = f"#/components/schemas/{short}"
    _point(document, names)
    return document


def _point(node: Any, names: dict[str, str]) -> None:
    """Let every `$ref` lead to the new name."""
    if isinstance(node, dict):
        if node.get("$ref") in names:
            node["$ref"] = names[node["$ref"]]
        for inner in node.values():
            _point(inner, names)
    elif isinstance(node, list):
        for inner in node:
            _point(inner, names)


def _complete(document: Node) -> Node:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas[_PROBLEM] = _problem_schema(schemas)
    components["schemas"] = dict(sorted(schemas.items()))
    components["responses"] = {_name(status): _refusal(status) for status in _REFUSALS}
    components["parameters"] = _parameters()
    components["headers"] = _headers()
    for item in document["paths"].values():
        for method, operation in item.items():
            _complete_operation(method, operation)
    document["tags"] = _tags(document)
    return document


def _tags(document: Node) -> list[Node]:
    """A tag is named in English, for programs; its description has both languages."""
    found: Node = {}
    for item in document["paths"].values():
        for operation in item.values():
            texts = operation.get("tags", [])
            operation["tags"] = [text.rpartition(" / ")[2] for text in texts]
            found |= dict(zip(operation["tags"], texts, strict=True))
    return [{"name": name, "description": text} for name, text in found.items()]


def _complete_operation(method: str, operation: Node) -> None:
    parameters: list[Node] = operation.setdefault("parameters", [])
    answers: Node = operation["responses"]
    answers.pop("422", None)  # FastAPI's own
    for answer in answers.values():
        headers = answer.setdefault("headers", {})
        headers[CORRELATION_HEADER] = _ref("headers", CORRELATION_HEADER)
        if method in _WRITES:
            headers[REPLAYED_HEADER] = _ref("headers", REPLAYED_HEADER)
        if any(one.get("name") in _AREAS for one in parameters):
            headers[GEOGRAPHY_HEADER] = _ref("headers", GEOGRAPHY_HEADER)
    for status in _refusals(method, operation, parameters):
        answers[status] = _ref("responses", _name(status))
    operation["responses"] = dict(sorted(answers.items()))
    shared = [CORRELATION_HEADER, PURPOSE_HEADER]
    shared += [IDEMPOTENCY_HEADER] if method in _WRITES else []
    parameters += [_ref("parameters", name) for name in shared]


def _refusals(method: str, operation: Node, parameters: list[Node]) -> set[str]:
    places = {parameter["in"] for parameter in parameters}
    found = {"400", "401", "403", "429", "503", "504"}
    if "path" in places:
        found.add("404")
    if method in _WRITES:
        found |= {"409", "422"}
    if parameters:
        found.add("422")
    if "requestBody" in operation:
        found |= {"413", "415"}
    if any(parameter["name"] == IF_MATCH_HEADER for parameter in parameters):
        found |= {"412", "428"}
    found |= _REFUSALS.keys() & operation["responses"].keys()  # what the route itself adds
    return found


def _problem_schema(schemas: Node) -> Node:
    whole = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(whole.pop("$defs", {}))
    return whole


def _refusal(status: str) -> Node:
    text = _REFUSALS[status]
    headers = {CORRELATION_HEADER: _ref("headers", CORRELATION_HEADER)}
    if status in _RETRIED:
        headers["Retry-After"] = _ref("headers", "Retry-After")
    return {
        "description": f"{text.vi} / {text.en}",
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": _ref("schemas", _PROBLEM)}},
    }


def _parameters() -> Node:
    return {
        CORRELATION_HEADER: _parameter(
            CORRELATION_HEADER,
            "Mã của thao tác, đi theo mọi sự kiện sinh ra; nếu thiếu, dịch vụ tự tạo / "
            "id of the act, kept on every event that follows; made where it is left out",
            {"type": "string", "format": "uuid"},
        ),
        PURPOSE_HEADER: _parameter(
            PURPOSE_HEADER,
            "Mục đích, ghi vào nhật ký truy cập / why, kept on the audit trail",
            {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_.-]{1,63}$"},
        ),
        IDEMPOTENCY_HEADER: _parameter(
            IDEMPOTENCY_HEADER,
            "Mã mới cho mỗi thao tác; gửi lại cùng mã thì nhận lại câu trả lời đầu, trong hai ngày "
            "/ fresh for each act; the same key again gets the first answer again, for two days",
            {"type": "string", "minLength": 1, "maxLength": 128},
        ),
    }


def _parameter(name: str, description: str, schema: Node) -> Node:
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _headers() -> Node:
    return {
        CORRELATION_HEADER: {
            "description": "Mã của thao tác / id of the act",
            "schema": {"type": "string", "format": "uuid"},
        },
        REPLAYED_HEADER: {
            "description": "`true`: câu trả lời của lần đầu / the first answer again",
            "schema": {"type": "string", "enum": ["true"]},
        },
        GEOGRAPHY_HEADER: {
            "description": "Đơn vị mà mã chỉ, và cách đọc: `01876; from=2004-07-08; "
            "until=2025-07-01; read=came-from` / the unit that the code meant, and how it was read",
            "schema": {"type": "string"},
        },
        ENDED_HEADER: {
            "description": "Mã địa bàn trong thẻ đã hết hiệu lực; có thể có ở mọi câu trả lời / "
            "codes of the token whose units have ended; any answer may have it",
            "schema": {"type": "string"},
        },
        "Retry-After": {
            "description": "Thử lại sau số giây này / try again after this many seconds",
            "schema": {"type": "integer"},
        },
    }


def _name(status: str) -> str:
    return f"Problem{status}"


def _ref(kind: str, name: str) -> Node:
    return {"$ref": f"#/components/{kind}/{name}"}
