"""A log line is JSON, names its trace, and quotes no exception."""

import io
import json
import logging
import sys
from typing import Any

from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.common.telemetry import names, process_span, request_span
from libs.common.telemetry.logs import JsonLines
from libs.common.telemetry.setup import activate, build


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


def test_a_line_within_a_trace_names_the_trace_and_the_act() -> None:
    exporter = InMemorySpanExporter()
    telemetry = build("test", 0.0, [SimpleSpanProcessor(exporter)], [])
    activate(telemetry)
    record = logging.LogRecord("x", logging.INFO, "", 0, "within", (), None)
    try:
        with request_span("POST", None, {names.CONVERSATION_ID: "an-act"}):
            found = line(record)
        with process_span([], {names.DESTINATION: "events:queue"}):
            batch = line(record)
    finally:
        telemetry.shutdown()
    request, process = exporter.get_finished_spans()
    assert found["trace_id"] == f"{request.context.trace_id:032x}"
    assert found["correlation_id"] == "an-act"
    assert batch["trace_id"] == f"{process.context.trace_id:032x}"
    assert "correlation_id" not in batch  # a batch belongs to many acts


def test_a_line_outside_of_a_trace_names_none() -> None:
    found = line(logging.LogRecord("x", logging.INFO, "", 0, "outside", (), None))
    assert not {"trace_id", "correlation_id"} & set(found)
