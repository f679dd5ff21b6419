"""Addresses for processes under test: a TCP door that can be opened late, and a collector.

The door to the broker changes the login on its way: distributed mode refuses RabbitMQ's well-known
`guest`, which is the only user that a test's broker has.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fastapi import FastAPI, Request, Response
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from libs.common.roles import serve
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.settings import Mode

_PART = 65_536


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Door:
    """A port of ours that leads to a server's; nobody answers there before `open`.

    Args:
        url: of the server. An AMQP URL's login replaces the caller's.
        default_port: where the URL names none.
    """

    def __init__(self, url: str, default_port: int) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or default_port)
        self._login = (
            f"\0{unquote(parts.username or '')}\0{unquote(parts.password or '')}".encode()
            if parts.scheme.startswith("amqp")
            else None
        )
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._enter, "127.0.0.1", self.port)
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._lead(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection(*self._target)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_pump(inner_reader, writer))
                    if self._login is not None:
                        inner_writer.write(await reader.readexactly(8))  # the protocol header
                        inner_writer.write(await _start_ok(reader, self._login))
                    await _pump(reader, inner_writer)
            finally:
                inner_writer.close()
        except* (OSError, asyncio.IncompleteReadError):
            pass  # either side has gone
        finally:
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(_PART):
        writer.write(part)
        await writer.drain()
    writer.close()


async def _start_ok(reader: asyncio.StreamReader, login: bytes) -> bytes:
    """The client's Connection.Start-Ok frame with another response in it."""
    kind, channel, size = struct.unpack(">BHI", await reader.readexactly(7))
    payload = await reader.readexactly(size)
    end = await reader.readexactly(1)
    at = 4  # class and method
    at += 4 + struct.unpack_from(">I", payload, at)[0]  # the client's properties
    at += 1 + payload[at]  # the mechanism: PLAIN
    after = at + 4 + struct.unpack_from(">I", payload, at)[0]
    changed = payload[:at] + struct.pack(">I", len(login)) + login + payload[after:]
    return struct.pack(">BHI", kind, channel, len(changed)) + changed + end


@dataclass
class Collector:
    """What an OTLP/HTTP collector was sent.

    Attributes:
        traces: per trace, the names of the processes that took part.
        metrics: how many exports of metrics there were.
        spans: every span.
        measured: per metric, the labels it came with.
        kinds: per metric, its kind and unit.
        bodies: what was sent, byte by byte.
    """

    url: str
    traces: dict[bytes, set[str]] = field(default_factory=dict)
    metrics: int = 0
    spans: list[Span] = field(default_factory=list)
    measured: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    kinds: dict[str, tuple[str, str]] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.add_api_route("/v1/traces", self._take_traces, methods=["POST"])
        app.add_api_route("/v1/metrics", self._take_metrics, methods=["POST"])
        return app

    async def _take_traces(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        sent = ExportTraceServiceRequest.FromString(self.bodies[-1])
        for resource in sent.resource_spans:
            name = next(
                one.value.string_value
                for one in resource.resource.attributes
                if one.key == "service.name"
            )
            for scope in resource.scope_spans:
                self.spans += scope.spans
                for span in scope.spans:
                    self.traces.setdefault(span.trace_id, set()).add(name)
        return Response()

    async def _take_metrics(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.metrics += 1
        for resource in ExportMetricsServiceRequest.FromString(self.bodies[-1]).resource_metrics:
            for metric in (one for scope in resource.scope_metrics for one in scope.metrics):
                kind = str(metric.WhichOneof("data"))
                data = getattr(metric, kind)
                self.kinds[metric.name] = (kind, metric.unit)
                self.measured.setdefault(metric.name, []).extend(
                    texts(point.attributes) for point in data.data_points
                )
        return Response()


def texts(attributes: Iterable[KeyValue]) -> dict[str, str]:
    """A span's or a data point's attributes, as texts."""
    return {
        one.key: str(getattr(one.value, one.value.WhichOneof("value") or "")) for one in attributes
    }


@contextlib.asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector on a free port."""
    port = free_port()
    collector = Collector(f"http://127.0.0.1:{port}")
    stop = asyncio.Event()
    task = asyncio.create_task(serve(collector.app(), "127.0.0.1", port, stop))
    try:
        yield collector
    finally:
        stop.set()
        await task


@contextlib.asynccontextmanager
async def an_issuer(folder: Path) -> AsyncIterator[str]:
    """The development issuer, in an identity provider's place; answers its URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    issuer = DevelopmentIssuer(url, "ansinh", folder, Mode.TEST)
    stop = asyncio.Event()
    task = asyncio.create_task(serve(issuer.app(), "127.0.0.1", port, stop))
    try:
        yield url
    finally:
        stop.set()
        await task
