"""What a broken rule of a request means and how to mend it, in both languages.

Keyed by the type that pydantic gives an error. Limits come from the schema, never from the input.
"""

from collections.abc import Mapping
from typing import Any

from libs.common.problems import Text

_LIMITS = "gt ge lt le min_length max_length expected pattern".split()

_RULES: dict[str, tuple[Text, Text]] = {
    "missing": (
        Text("Thiếu trường bắt buộc.", "A required field is missing."),
        Text("Bổ sung trường này.", "Add the field."),
    ),
    "extra_forbidden": (
        Text("Có trường không được biết đến.", "There is an unknown field."),
        Text("Bỏ trường không có trong tài liệu API.", "Remove what the API does not document."),
    ),
    "json_invalid": (
        Text("Nội dung không phải là JSON đúng.", "The body is not valid JSON."),
        Text("Gửi JSON (UTF-8) hợp lệ.", "Send valid JSON in UTF-8."),
    ),
    "enum": (
        Text("Giá trị không thuộc danh mục.", "The value is not in the list."),
        Text("Dùng một trong các giá trị: {expected}.", "Use one of: {expected}."),
    ),
    "string_pattern_mismatch": (
        Text("Sai định dạng.", "The format is wrong."),
        Text("Theo mẫu {pattern}.", "Follow the pattern {pattern}."),
    ),
    "too_short": (
        Text("Quá ít phần tử.", "There are too few items."),
        Text("Cần ít nhất {min_length}.", "Give at least {min_length}."),
    ),
    "too_long": (
        Text("Quá nhiều phần tử.", "There are too many items."),
        Text("Nhiều nhất {max_length}.", "Give at most {max_length}."),
    ),
    "string_too_short": (
        Text("Chuỗi quá ngắn.", "The text is too short."),
        Text("Cần ít nhất {min_length} ký tự.", "Give at least {min_length} characters."),
    ),
    "string_too_long": (
        Text("Chuỗi quá dài.", "The text is too long."),
        Text("Nhiều nhất {max_length} ký tự.", "Give at most {max_length} characters."),
    ),
    "greater_than": (
        Text("Giá trị quá nhỏ.", "The value is too small."),
        Text("Phải lớn hơn {gt}.", "It must be above {gt}."),
    ),
    "greater_than_equal": (
        Text("Giá trị quá nhỏ.", "The value is too small."),
        Text("Phải từ {ge} trở lên.", "It must be {ge} or more."),
    ),
    "less_than": (
        Text("Giá trị quá lớn.", "The value is too large."),
        Text("Phải nhỏ hơn {lt}.", "It must be below {lt}."),
    ),
    "less_than_equal": (
        Text("Giá trị quá lớn.", "The value is too large."),
        Text("Nhiều nhất là {le}.", "It must be {le} or less."),
    ),
}
_RULES["literal_error"] = _RULES["enum"]

# By how the type's name begins: `date_parsing`, `date_from_datetime_parsing`, `int_type`, ...
_KINDS: tuple[tuple[str, Text], ...] = (
    ("datetime", Text("Dùng thời điểm ISO 8601 có múi giờ.", "Use an ISO 8601 instant with zone.")),
    ("timezone", Text("Dùng thời điểm ISO 8601 có múi giờ.", "Use an ISO 8601 instant with zone.")),
    ("date", Text("Dùng ngày dạng YYYY-MM-DD.", "Use a date as YYYY-MM-DD.")),
    ("uuid", Text("Dùng mã UUID.", "Use a UUID.")),
    ("int", Text("Dùng số nguyên.", "Use a whole number.")),
    ("float", Text("Dùng số.", "Use a number.")),
    ("decimal", Text("Dùng số thập phân.", "Use a decimal number.")),
    ("bool", Text("Dùng true hoặc false.", "Use true or false.")),
    ("string", Text("Dùng chuỗi ký tự.", "Use text.")),
    ("list", Text("Dùng danh sách.", "Use a list.")),
    ("dict", Text("Dùng đối tượng JSON.", "Use a JSON object.")),
    ("model", Text("Dùng đối tượng JSON.", "Use a JSON object.")),
)
_WRONG = Text("Giá trị không hợp lệ.", "The value is not valid.")
_SEE = Text("Xem tài liệu API.", "See the API's documentation.")


def explain(rule: str, context: Mapping[str, Any]) -> tuple[Text, Text]:
    """What is wrong and how to mend it."""
    found = _RULES.get(rule)
    if found is None:
        return _WRONG, next((fix for start, fix in _KINDS if rule.startswith(start)), _SEE)
    limits = {name: context.get(name, "…") for name in _LIMITS}
    message, fix = found
    return message, Text(fix.vi.format(**limits), fix.en.format(**limits))
