"""ETag and If-Match on what people edit: the version of the row is the tag."""

from typing import Annotated, Any

from fastapi import Header, Response

from libs.common.problems import FieldError, Problem, Text

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=512,
        description="ETag của phiên bản đã đọc; bắt buộc / ETag of the version that was read; "
        "without it the answer is 428",
    ),
]
# Of a route's success answer: `responses={200: TAGGED}`.
TAGGED: dict[str, Any] = {
    "headers": {
        "ETag": {
            "description": "Phiên bản / the version; send it back as If-Match",
            "schema": {"type": "string"},
        }
    }
}


def etag(response: Response, version: int) -> None:
    """Put the version on the answer."""
    response.headers["ETag"] = f'"{version}"'


def require_match(wanted: str | None, version: int) -> None:
    """Refuse a write on another version than the current one.

    Args:
        wanted: the request's `If-Match`; missing is refused with 428, another version with 412.
        version: the current version, read under the row's lock.
    """
    if wanted is None:
        raise _refusal(
            428,
            "version.required",
            Text("Thiếu phiên bản đã đọc.", "The version that was read is missing."),
        )
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")}
    if "*" not in tags and str(version) not in tags:
        raise _refusal(
            412,
            "version.stale",
            Text(
                "Dữ liệu đã được người khác thay đổi.",
                "Someone else has changed this in the meantime.",
            ),
        )


def _refusal(status: int, code: str, title: Text) -> Problem:
    fix = Text(
        "Đọc lại, rồi gửi `If-Match` với ETag mới nhất.",
        "Read again and send `If-Match` with the newest ETag.",
    )
    return Problem(status, code, title, [FieldError("/header/if-match", code, title, fix)])
