"""A posted form with a file (multipart/form-data): its fields, and the file as the API takes it.

The file becomes the request's body and the fields its question, as where a program sends a file.
"""

import re
from dataclasses import dataclass

from libs.common.problems import Text
from libs.common.web.screens.forms import Typed

MEDIA = "multipart/form-data"
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,70})"?')
_NAME = re.compile(rb'[;\s]name="([^"]*)"')
_MOST_PARTS = 50
_LONGEST_FIELD = 4_096


@dataclass(frozen=True)
class Upload:
    """A form and the one file in it; `content` is empty where none was chosen."""

    typed: Typed
    content: bytes


def read_upload(body: bytes, content_type: str) -> Upload | Text:
    """The form, or why it is not taken."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        return _UNREADABLE
    parts = body.split(b"--" + found.group(1).encode())
    if len(parts) < 3 or len(parts) > _MOST_PARTS or not parts[-1].startswith(b"--"):
        return _UNREADABLE
    pairs: list[tuple[str, str]] = []
    content = b""
    for part in parts[1:-1]:
        head, separator, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not separator or name is None or not value.endswith(b"\r\n"):
            return _UNREADABLE
        value = value[:-2]
        if b"filename=" in head:
            content = value
            continue
        try:
            pairs.append((name.group(1).decode(), value[:_LONGEST_FIELD].decode()))
        except UnicodeDecodeError:
            return _UNREADABLE
    return Upload(Typed(pairs), content)


_UNREADABLE = Text("Không đọc được biểu mẫu.", "The form cannot be read.")
