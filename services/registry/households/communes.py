"""Which communes there are, and which of them the caller may write."""

from collections.abc import Sequence

from libs.common.database import Transaction

_OUTSIDE_SCOPE = """
SELECT code FROM unnest($1::text[]) AS code,
  (SELECT coalesce(current_setting('ansinh.scope', true), '') AS codes) AS scope
WHERE scope.codes <> '*' AND code <> ALL (string_to_array(scope.codes, ','))
"""
_KNOWN_COMMUNES = """
SELECT DISTINCT code FROM area_unit WHERE level = 'commune' AND code = ANY($1::text[])
"""


async def communes_outside_scope(tx: Transaction, codes: Sequence[str]) -> set[str]:
    """Those of the codes that the caller may not write."""
    return {row["code"] for row in await tx.fetch(_OUTSIDE_SCOPE, codes)}


async def known_communes(tx: Transaction, codes: Sequence[str]) -> set[str]:
    """Those of the codes that are a commune's on some day."""
    return {row["code"] for row in await tx.fetch(_KNOWN_COMMUNES, codes)}
