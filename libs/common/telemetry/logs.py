"""Logs as JSON lines with the trace's and the act's ids, and nobody's personal data.

A line holds what our own code chose to say: message text without arguments that come from outside,
and named extras. Of an exception only type and place are kept, because its text may quote values.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from libs.common.telemetry.spans import current_conversation_id, current_trace_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object per record."""

    def __init__(self, service: str, role: str) -> None:
        super().__init__()
        self._fixed = {"service": service, "role": role}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **self._fixed,
            "logger": record.name,
            "message": record.getMessage(),
        }
        trace_id = current_trace_id()
        if trace_id is not None:
            line["trace_id"] = trace_id
        correlation_id = current_conversation_id()
        if correlation_id is not None:
            line["correlation_id"] = correlation_id
        line.update((key, value) for key, value in vars(record).items() if key not in _STANDARD)
        if record.exc_info and record.exc_info[1] is not None:
            line.setdefault("error", type(record.exc_info[1]).__name__)
            line.setdefault("place", place_of(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


def place_of(error: BaseException) -> str:
    """File and line where an exception was raised."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "unknown"
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"


def configure_logs(
    service: str, role: str, level: str = "INFO", stream: TextIO | None = None
) -> None:
    """Send every log record of the process to one stream as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(service, role))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # One line per request would name paths with ids; the edge keeps its own account.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # A line for each try while the broker is away; whoever tries says so itself, and backs off.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
