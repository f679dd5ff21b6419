"""`ansinh vault`: under which keys the registry's values of persons are sealed, and their change.

Looks at the database that `ANSINH_WORKER_DSN` names, under the keys of the process's settings; else
at the embedded platform that ran last.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ansinh.audit import embedded_dsns
from ansinh.embedded.keys import vault_of
from ansinh.embedded.last_run import last_home
from libs.common.clock import SystemClock
from libs.common.database import Database
from libs.common.security.encryption import KeyRing, Vault, name_of
from libs.common.settings import PREFIX, Settings, required
from services.registry.vault import rotation
from services.registry.vault.rotation import Counts

_TOLD_EVERY = 50_000


def vault_from(settings: Settings) -> Vault | None:
    """What values of persons are sealed under; None where no key is set.

    Raises:
        ValueError: a key is too short, or no key.
    """
    if settings.vault_keys is None or settings.identifier_key is None:
        return None
    return Vault(
        KeyRing.parse(settings.vault_keys.get_secret_value()),
        settings.identifier_key.get_secret_value().encode(),
    )


async def show_keys(base: Path) -> int:
    """Print each key and how many values are sealed under it; 1 where one of those is not set.

    Args:
        base: folder of the embedded platforms' data.
    """
    async with _opened(base) as (database, keys):
        return _print_keys(await rotation.count_by_key(database), keys)


async def rotate_now(base: Path) -> int:
    """Move every value to the newest key, now and with progress; safe to break off and repeat."""
    async with _opened(base) as (database, keys):
        counts = await rotation.count_by_key(database)
        total = sum(counts.values.values()) - counts.values.get(keys.newest, 0)
        told = 0

        def tell(done: int) -> None:
            nonlocal told
            if done - told >= _TOLD_EVERY:
                told = done
                print(f"  {done:,} / {total:,} ({done * 100 // total} %)", flush=True)

        moved = await rotation.rotate(database, keys, tell)
        print(f"đã chuyển / moved: {moved:,}")
        return _print_keys(await rotation.count_by_key(database), keys)


def _print_keys(counts: Counts, keys: KeyRing) -> int:
    missing = [header for header in counts.headers if header not in keys.headers]
    for header in (*keys.headers, *missing):
        print(f"{name_of(header)}: {counts.under(header):,} {_standing(header, counts, keys)}")
    return 1 if missing else 0


def _standing(header: bytes, counts: Counts, keys: KeyRing) -> str:
    if header == keys.newest:
        return "(khóa mới nhất / the newest)"
    if header not in keys.headers:
        return "(KHÔNG CÓ KHÓA / THE KEY IS NOT SET)"
    if header in rotation.unused(counts, keys):
        return "(không còn dùng, có thể bỏ / no longer used, may be dropped)"
    if counts.values.get(header):
        return "(khóa cũ, đang chuyển / older, being moved)"
    return "(khóa cũ, còn tệp nhập / older, imports are still under it)"


@asynccontextmanager
async def _opened(base: Path) -> AsyncIterator[tuple[Database, KeyRing]]:
    if os.environ.get(f"{PREFIX}MODE"):
        settings = Settings.load()
        required("vault_keys", settings.vault_keys)
        required("identifier_key", settings.identifier_key)
        vault = vault_from(settings)
        dsn = required("worker_dsn", settings.worker_dsn)
        async with await _connect(dsn) as database:
            assert vault is not None  # noqa: S101 (both were required above)
            yield database, vault.keys
        return
    home = last_home(base)
    if home is None:
        raise ValueError("no platform has run here, and ANSINH_MODE is not set")
    async with embedded_dsns(home) as dsns, await _connect(dsns["registry"]) as database:
        yield database, vault_of(home).keys


async def _connect(dsn: str) -> Database:
    return await Database.connect(dsn, SystemClock(), application="ansinh-vault", largest=1)
