"""A TCP proxy before a real server that a test can cut, stall, deafen and turn into a black hole.

Before a broker it also reads the frames that the server sends, so that frames of the broker's own
(`connection.blocked`, `basic.cancel`) can be put between them without touching the shared broker.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit, urlunsplit

from tests.support.doors import free_port

_PART = 65_536
_METHOD, _FRAME_END = 1, b"\xce"
_CONSUME_OK = struct.pack(">HH", 60, 21)


def with_port(url: str, port: int) -> str:
    """The same URL, by way of this port of ours."""
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{port}"))


class Way(Enum):
    """What happens to bytes on their way."""

    OPEN = "passed on"
    HELD = "kept until the way is open again"
    LOST = "swallowed: the connection looks healthy and is not"


@dataclass(eq=False)
class _Pair:
    """One client's connection and ours to the server."""

    to_client: asyncio.StreamWriter
    to_server: asyncio.StreamWriter
    consumers: list[tuple[int, bytes]] = field(default_factory=list)  # channel, tag

    def close(self) -> None:
        self.to_client.transport.abort()
        self.to_server.transport.abort()


class Proxy:
    """A port of ours before a server.

    Args:
        url: of the server; `url` of the proxy is the same with our port.
        default_port: where the URL names none.
    """

    def __init__(self, url: str, default_port: int) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or default_port)
        self._is_amqp = parts.scheme.startswith("amqp")
        self.port = free_port()
        self.url = with_port(url, self.port)
        self._server: asyncio.Server | None = None
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ways = {True: Way.OPEN, False: Way.OPEN}  # by: towards the client
        self._is_cut = False
        self.left = 0  # connections that a client gave up by itself
        self._opened = asyncio.Event()
        self._opened.set()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._pairs)

    async def open(self) -> None:
        """Let everything through; what was held goes on."""
        self._is_cut = False
        self._set(Way.OPEN, Way.OPEN)
        if self._server is None:
            self._server = await asyncio.start_server(self._enter, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """End every connection, and new ones at once, until `open`."""
        self._is_cut = True
        self.drop()

    def drop(self) -> None:
        """End every connection; new ones are let in."""
        for pair in list(self._pairs):
            pair.close()

    def stall(self) -> None:
        """Hold everything, both ways, until `open`."""
        self._set(Way.HELD, Way.HELD)

    def deafen(self) -> None:
        """Hold what the server answers until `open`; what clients send arrives."""
        self._set(Way.HELD, Way.OPEN)

    def swallow(self) -> None:
        """A half-open network: connections stay, and nothing arrives any more."""
        self._set(Way.LOST, Way.LOST)

    def block(self) -> None:
        """A broker in alarm: it says so, and reads nothing any more that clients send."""
        self._inject(0, struct.pack(">HH", 10, 60) + _short(b"low on memory"))
        self._set(to_client=Way.OPEN, to_server=Way.HELD)

    def unblock(self) -> None:
        """The alarm is over; what was sent meanwhile arrives."""
        self._inject(0, struct.pack(">HH", 10, 61))
        self._set(Way.OPEN, Way.OPEN)

    def cancel_consumers(self) -> int:
        """The broker's own `basic.cancel` to every consumer; answers how many heard it."""
        heard = 0
        for pair in self._pairs:
            for channel, tag in pair.consumers:
                payload = struct.pack(">HH", 60, 30) + _short(tag) + b"\x01"
                pair.to_client.write(_frame(channel, payload))
                heard += 1
            pair.consumers.clear()
        return heard

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        await self.open()
        try:
            yield self
        finally:
            await self.cut()
            if self._server is not None:
                self._server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _set(self, to_client: Way, to_server: Way) -> None:
        self._ways = {True: to_client, False: to_server}
        if Way.HELD in self._ways.values():
            self._opened.clear()
        else:
            self._opened.set()

    def _inject(self, channel: int, payload: bytes) -> None:
        for pair in self._pairs:
            pair.to_client.write(_frame(channel, payload))

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._lead(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection(*self._target)
        except OSError:
            writer.close()
            return
        pair = _Pair(writer, to_server)
        self._pairs.add(pair)
        pumps = [
            asyncio.create_task(self._pump(reader, to_server, None)),
            asyncio.create_task(self._pump(from_server, writer, pair)),
        ]
        try:
            ended, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            self.left += pumps[0] in ended
        finally:
            self._pairs.discard(pair)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            pair.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pair: _Pair | None
    ) -> None:
        """One direction; `pair` where it is the one towards the client."""
        towards_client = pair is not None
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while part := await self._next(reader, pair):
                if self._ways[towards_client] is Way.HELD:
                    await self._opened.wait()
                if self._ways[towards_client] is Way.LOST:
                    continue
                writer.write(part)
                await writer.drain()

    async def _next(self, reader: asyncio.StreamReader, pair: _Pair | None) -> bytes:
        if pair is None or not self._is_amqp:
            return await reader.read(_PART)
        head = await reader.readexactly(7)
        kind, channel, size = struct.unpack(">BHI", head)
        rest = await reader.readexactly(size + 1)
        if kind == _METHOD and rest.startswith(_CONSUME_OK):
            pair.consumers.append((channel, rest[5 : 5 + rest[4]]))
        return head + rest


def _short(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _frame(channel: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", _METHOD, channel, len(payload)) + payload + _FRAME_END
