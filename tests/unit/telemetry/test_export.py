"""With an endpoint, spans and metrics arrive by OTLP over HTTP; the last ones at shutdown."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from libs.common.telemetry import gauge, names, process_span, start


class Collector:
    """A receiver of OTLP/HTTP."""

    def __init__(self) -> None:
        self.bodies: dict[str, list[bytes]] = {}
        collector = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.bodies.setdefault(self.path, []).append(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def test_what_was_recorded_arrives(collector: Collector) -> None:
    telemetry = start("credit", "consume", collector.url, share=0.0)
    assert telemetry is not None
    with process_span([], {names.DESTINATION: "credit.referrals"}):
        gauge(names.CONSUMER_LAG, 1.5, consumer="credit.referrals")
    telemetry.shutdown()

    traces = ExportTraceServiceRequest()
    traces.ParseFromString(collector.bodies["/v1/traces"][0])
    resource = traces.resource_spans[0]
    about = {entry.key: entry.value.string_value for entry in resource.resource.attributes}
    assert about[names.SERVICE_NAME] == "credit-consume"
    assert resource.scope_spans[0].spans[0].name == "process credit.referrals"

    metrics = ExportMetricsServiceRequest()
    metrics.ParseFromString(collector.bodies["/v1/metrics"][-1])
    [metric] = metrics.resource_metrics[0].scope_metrics[0].metrics
    assert metric.name == names.CONSUMER_LAG
    assert metric.gauge.data_points[0].as_double == 1.5


def test_no_endpoint_no_telemetry() -> None:
    assert start("credit", "consume", None, share=1.0) is None
