"""Values that a browser keeps for us and can neither read nor change: sealed cookies.

A cookie holds at most 4 KB, and an issuer's tokens may be larger: a value lies in several pieces.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from starlette.datastructures import MutableHeaders
from starlette.responses import Response

_PIECE = 3_600
MOST_PIECES = 4
SHORTEST_KEY = 32
_LARGEST_VALUE = 65_536  # unpacked


class Seal:
    """Seals under the first key, opens under any.

    Args:
        keys: secrets of 32 characters or more.

    Raises:
        ValueError: there is none, or one is too short.
    """

    def __init__(self, *keys: str) -> None:
        if not keys or any(len(key) < SHORTEST_KEY for key in keys):
            raise ValueError(f"a session key has {SHORTEST_KEY} characters or more")
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    @classmethod
    def parse(cls, text: str) -> "Seal":
        """Of keys with commas between, the newest first."""
        return cls(*(key.strip() for key in text.split(",") if key.strip()))

    def close(self, value: Any) -> str:
        """Seal what JSON can hold."""
        packed = zlib.compress(json.dumps(value, ensure_ascii=False).encode())
        return self._fernet.encrypt(packed).decode()

    def open(self, sealed: str, seconds: int | None = None) -> Any:
        """What was sealed; None where it was not by us, or longer ago than `seconds`."""
        try:
            packed = self._fernet.decrypt(sealed.encode(), ttl=seconds)
            whole = zlib.decompressobj().decompress(packed, _LARGEST_VALUE)
            return json.loads(whole)
        except (InvalidToken, ValueError, zlib.error):
            return None


class Cookie:
    """One sealed value in a browser.

    Args:
        seal: what it is sealed under.
        name: of the cookie; pieces after the first have a number behind it.
        is_secure: sent over HTTPS alone.
    """

    def __init__(self, seal: Seal, name: str, *, is_secure: bool) -> None:
        self._seal = seal
        self.name = name
        self._is_secure = is_secure

    def read(self, cookies: Mapping[str, str], seconds: int | None = None) -> Any:
        """The value that a request brings, or None."""
        pieces = [cookies.get(self._piece(place), "") for place in range(MOST_PIECES)]
        return self._seal.open("".join(pieces), seconds) if pieces[0] else None

    def write(self, headers: MutableHeaders, value: Any, path: str) -> bool:
        """Let the answer set it; False, and the cookie is gone, where it is too large."""
        sealed = self._seal.close(value)
        pieces = [sealed[at : at + _PIECE] for at in range(0, len(sealed), _PIECE)]
        fits = len(pieces) <= MOST_PIECES
        for place in range(MOST_PIECES):
            piece = pieces[place] if fits and place < len(pieces) else None
            self._set(headers, self._piece(place), piece, path)
        return fits

    def forget(self, headers: MutableHeaders, path: str) -> None:
        """Let the answer remove it."""
        for place in range(MOST_PIECES):
            self._set(headers, self._piece(place), None, path)

    def _piece(self, place: int) -> str:
        return f"{self.name}.{place}" if place else self.name

    def _set(self, headers: MutableHeaders, name: str, value: str | None, path: str) -> None:
        # Lax: the issuer leads back here from another site, and that request must bring it.
        answer = Response()
        answer.set_cookie(
            name,
            value or "",
            max_age=0 if value is None else None,
            path=path,
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )
        headers.append("set-cookie", answer.headers["set-cookie"])


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"ansinh session\0" + key.encode()).digest())
