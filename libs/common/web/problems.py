"""Every refusal as an RFC 9457 document, in Vietnamese and English.

No document, log line or span here carries a value that the caller sent: fields, rules and kinds
only. This is also where a broken rule of the database becomes a refusal that can be understood.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

import asyncpg
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from libs.common.problems import FieldError, Problem, Text
from libs.common.web.rules import explain

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:ansinh:problem:"

_TITLES = {
    400: Text("Yêu cầu không đọc được.", "The request cannot be read."),
    401: Text("Cần đăng nhập.", "A valid token is needed."),
    403: Text("Không có quyền.", "Not allowed."),
    404: Text("Không tìm thấy.", "Not found."),
    405: Text("Phương thức không được hỗ trợ.", "The method is not supported."),
    406: Text("Không có định dạng được yêu cầu.", "The format asked for is not available."),
    408: Text("Hết thời gian nhận yêu cầu.", "The request took too long to arrive."),
    413: Text("Yêu cầu quá lớn.", "The request is too large."),
    414: Text("Địa chỉ quá dài.", "The address is too long."),
    415: Text("Kiểu nội dung không được hỗ trợ.", "The content type is not supported."),
    429: Text("Quá nhiều yêu cầu, hãy thử lại sau.", "Too many requests, try again later."),
    500: Text("Lỗi hệ thống.", "Something went wrong on our side."),
    503: Text("Hệ thống đang bận, hãy thử lại.", "Busy at the moment, try again."),
    504: Text("Xử lý quá lâu, đã huỷ.", "It took too long and was cancelled."),
}


def problem_of(error: Exception) -> Problem:
    """The refusal that an exception means; what we did not foresee is a 500 without detail."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            return plain(error.status_code)
        case TimeoutError():
            return plain(504)
        case asyncpg.PostgresError():
            return _refused_by_database(error)
        case asyncpg.InterfaceError() | asyncpg.InternalClientError() | OSError():
            return _GONE
    return plain(500)


def plain(status: int) -> Problem:
    """A refusal that its status says whole."""
    known = HTTPStatus(status)
    title = _TITLES.get(status) or Text(f"Lỗi {status}.", f"{known.phrase}.")
    return Problem(status, "http." + known.phrase.lower().replace(" ", "_"), title)


def render(
    problem: Problem, correlation_id: UUID, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer that carries a problem."""
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.code,
        "title": problem.title.vi,
        "title_en": problem.title.en,
        "status": problem.status,
        "code": problem.code,
        "correlation_id": str(correlation_id),
    }
    if problem.errors:
        document["errors"] = [_field(error) for error in problem.errors]
    sent = dict(headers or {})
    if problem.status == 401:
        sent.setdefault("WWW-Authenticate", "Bearer")
    if problem.status in (429, 503):
        sent.setdefault("Retry-After", "60" if problem.code in _SLOW_TO_MEND else "5")
    return Response(
        json.dumps(document, ensure_ascii=False),
        status_code=problem.status,
        headers=sent,
        media_type=MEDIA_TYPE,
    )


def _field(error: FieldError) -> dict[str, Any]:
    return {
        "pointer": error.pointer,
        "rule": error.rule,
        "message": {"vi": error.message.vi, "en": error.message.en},
        "fix": {"vi": error.fix.vi, "en": error.fix.en},
    }


def _invalid(error: RequestValidationError) -> Problem:
    errors = []
    for found in error.errors():
        rule = str(found["type"])
        message, fix = explain(rule, found.get("ctx") or {})
        errors.append(FieldError(_pointer(rule, found["loc"]), rule, message, fix))
    unreadable = any(found.rule == "json_invalid" for found in errors)
    return Problem(
        400 if unreadable else 422,
        "request.unreadable" if unreadable else "request.invalid",
        Text("Dữ liệu gửi lên không hợp lệ.", "The request does not hold what it should."),
        errors,
    )


# What a field of ours can be called. A key of a map is the caller's, and is not said back.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def _pointer(rule: str, loc: tuple[Any, ...]) -> str:
    if rule == "json_invalid":
        return ""
    parts = loc[1:] if loc and loc[0] == "body" else loc
    if rule == "extra_forbidden":  # the last part is a name that the caller made up
        parts = parts[:-1]
    parts = tuple(part for part in parts if not _is_tag(part))
    return "".join(
        f"/{part if isinstance(part, int) or _NAME.fullmatch(part) else '*'}" for part in parts
    )


def _is_tag(part: Any) -> bool:
    """Which member of a union was meant stands in the path, but is no field (`=birth`)."""
    return isinstance(part, str) and part.startswith("=")


_AGAIN = Text(
    "Chưa ghi gì. Gửi lại y nguyên yêu cầu này, cùng Idempotency-Key.",
    "Nothing was recorded. Send this very request again, with the same Idempotency-Key.",
)


def _unable(code: str, title: Text) -> Problem:
    return Problem(503, code, title, [FieldError("", code, title, _AGAIN)])


_FULL = _unable(
    "database.full",
    Text(
        "Máy chủ đã hết chỗ lưu; quản trị viên cần thêm dung lượng.",
        "The server has no space left; its administrator must add some.",
    ),
)
_READ_ONLY = _unable(
    "database.read_only",
    Text(
        "Hệ thống đang chỉ cho đọc; quản trị viên sẽ mở lại việc ghi.",
        "The system is read-only at the moment; its administrator will open it for writing again.",
    ),
)
_GONE = _unable(
    "database.gone",
    Text(
        "Cơ sở dữ liệu không trả lời, hãy thử lại.",
        "The database does not answer, try again.",
    ),
)
_SLOW_TO_MEND = (_FULL.code, _READ_ONLY.code)
# By the beginning of the SQLSTATE, first match. Busy: serialisation, deadlock, lock, connections.
_STATES = {
    "53100": _FULL,
    "25006": _READ_ONLY,
    "57P": _GONE,
    "58": _GONE,
    "08": _GONE,
    "28": _GONE,
    "3D": _GONE,
    "40": plain(503),
    "53": plain(503),
    "55P03": plain(503),
}


def _refused_by_database(error: asyncpg.PostgresError) -> Problem:
    # The server's DETAIL quotes values; only the constraint's and the column's names go out.
    match error:
        case asyncpg.IntegrityConstraintViolationError():
            rule = f"database.{error.constraint_name or error.column_name or 'rule'}"
            twice = isinstance(
                error, (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError)
            )
            code = "record.conflict" if twice else "record.refused"
            title = (
                Text("Trùng với dữ liệu đã có.", "It conflicts with what is already recorded.")
                if twice
                else Text("Trái với quy tắc dữ liệu.", "It breaks a rule of the records.")
            )
            fix = Text("Kiểm tra và sửa dữ liệu gửi lên.", "Check and mend what was sent.")
            return Problem(409 if twice else 422, code, title, [FieldError("", rule, title, fix)])
        case asyncpg.InsufficientPrivilegeError():  # also a row outside the caller's areas
            return plain(403)
        case asyncpg.QueryCanceledError():
            return plain(504)
    state = str(error.sqlstate)
    return next((known for begin, known in _STATES.items() if state.startswith(begin)), plain(500))
