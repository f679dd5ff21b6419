"""`Idempotency-Key`: a write that is repeated acts once and gets the first answer again.

The key is claimed in the act's own transaction. A concurrent twin waits for it at the primary key:
if the first commits, the twin gets its answer; if it fails, the twin acts. A failed act keeps no
key, so it can be tried again. Answers are kept for two days.
"""

import hmac
from datetime import timedelta
from typing import Any

import asyncpg

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.service import Tick

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEPT_FOR = timedelta(days=2)
_LONGEST_KEY = 128
_KEPT_HEADERS = ("content-type", "location", "etag")

_CLAIM = """
INSERT INTO idempotency_key (caller, route, key, request_hash, recorded_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
_FIND = """
SELECT request_hash, status, headers, body FROM idempotency_key
WHERE caller = $1 AND route = $2 AND key = $3
"""
_KEEP = """
UPDATE idempotency_key SET status = $4, headers = $5, body = $6
WHERE caller = $1 AND route = $2 AND key = $3
"""
_PURGE = "DELETE FROM idempotency_key WHERE recorded_at < $1"


class Replayed(Exception):
    """The act was done before; this is the answer it got."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__("replayed")
        self.status = status
        self.headers = headers
        self.body = body


class Claim:
    """A key held by the current act.

    Args:
        caller: the token's subject.
        route: method and route template.
        key: as sent; a problem where it is not 1 to 128 printable characters.
        hash_key: what requests are hashed under where they may hold what can be guessed, a number.
    """

    def __init__(self, caller: str, route: str, key: str, hash_key: bytes = b"") -> None:
        if not 1 <= len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
            raise _refusal(
                400,
                "idempotency.key",
                Text("Khoá chống lặp không hợp lệ.", "The idempotency key is not valid."),
                Text("Dùng một UUID mới cho mỗi thao tác.", "Use a fresh UUID for each act."),
            )
        self._identity = (caller, route, key)
        self._hash_key = hash_key

    async def take(self, tx: Transaction, request: bytes) -> None:
        """Claim the key for this request.

        Raises:
            Replayed: the same request was done before.
            Problem: 422 when the key was used for another request, 409 when its first use is
                still at work.
        """
        request_hash = hmac.digest(self._hash_key, request, "sha256")
        try:
            if await tx.execute(_CLAIM, *self._identity, request_hash, tx.recorded_at):
                return
        except asyncpg.LockNotAvailableError:
            raise _refusal(
                409,
                "idempotency.in_progress",
                Text("Yêu cầu trước vẫn đang xử lý.", "The first request is still at work."),
                Text("Gửi lại sau ít giây.", "Send it again in a few seconds."),
            ) from None
        known = await tx.fetchrow(_FIND, *self._identity)
        if known is None or known["request_hash"] != request_hash:
            raise _refusal(
                422,
                "idempotency.reused",
                Text(
                    "Khoá chống lặp đã dùng cho yêu cầu khác.",
                    "The idempotency key was used for another request.",
                ),
                Text("Dùng một khoá mới.", "Use a fresh key."),
            )
        raise Replayed(known["status"], known["headers"], known["body"])

    async def keep(self, tx: Transaction, status: int, headers: Any, body: bytes) -> None:
        """Keep the answer with the act."""
        kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        await tx.execute(_KEEP, *self._identity, status, kept, body)


def _refusal(status: int, code: str, title: Text, fix: Text) -> Problem:
    return Problem(status, code, title, [FieldError("/header/idempotency-key", code, title, fix)])


async def _purge(database: Database, clock: Clock) -> None:
    async with database.transaction() as tx:
        await tx.execute(_PURGE, clock.now() - KEPT_FOR)


PURGE = Tick("idempotency.purge", timedelta(hours=1), _purge)
