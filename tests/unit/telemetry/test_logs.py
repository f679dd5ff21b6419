"""A log line is JSON, names its trace, and quotes no exception."""

import io
import json
import logging
import sys
from typing import Any

from libs.common.telemetry.logs import JsonLines


def line(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JsonLines("credit", "consume").format(record))
    return found


def test_extras_become_fields() -> None:
    logger = logging.Logger("libs.trial")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines("credit", "consume"))
    logger.addHandler(handler)
    logger.warning("batch halved", extra={"consumer": "credit.referrals"})
    found = json.loads(stream.getvalue())
    assert (found["service"], found["role"], found["level"]) == ("credit", "consume", "warning")
    assert (found["message"], found["consumer"]) == ("batch halved", "credit.referrals")


def test_an_exception_is_named_and_not_quoted() -> None:
    try:
        raise ValueError("a secret of a person")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    found = line(record)
    assert found["error"] == "ValueError"
    assert found["place"].partition(":")[0].endswith("test_logs.py")
    assert "secret" not in json.dumps(found)
