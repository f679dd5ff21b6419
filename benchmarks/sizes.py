"""How large the tables are, and which have grown."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections import Counter

import asyncpg

MEGABYTE = 1_000_000
Sizes = Counter[tuple[str, str]]
_SIZES = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


async def read_sizes(owner: asyncpg.Connection[asyncpg.Record], service: str) -> Sizes:
    """Bytes on disk with indexes, per service and table."""
    return Counter({(service, table): size for table, size in await owner.fetch(_SIZES)})


def tell_grown(what: str, before: Sizes, after: Sizes) -> None:
    """Print which tables have grown by a megabyte or more."""
    grown = Counter({key: after[key] - before[key] for key in after})
    parts = [
        f"{service}.{table} {size / MEGABYTE:.0f}"
        for (service, table), size in grown.most_common()
        if size >= MEGABYTE
    ]
    print(f"  {what}, MB: {', '.join(parts) or 'nothing'}")
