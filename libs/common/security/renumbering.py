"""The audit trail after a restore: its lines keep their order, in numbers that any cluster is past.

Lines are ordered by transaction and line, and transaction ids of another cluster may lie far above
those that this one will give. So each line's transaction becomes the number of its run: a run ends
where the next line has a lower number. The order, and with it every sealed block, stays as it was;
new lines come after all of them.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncpg

# The ends of blocks take part, so that what was above or below one stays there, tampered or not.
_RUNS = """
CREATE TEMP TABLE audit_run ON COMMIT DROP AS
SELECT xact, line_id, sum(falls) OVER (ORDER BY xact, line_id) + 1 AS run
FROM (
  SELECT xact, line_id,
         (lag(line_id, 1, 0::bigint) OVER (ORDER BY xact, line_id) > line_id)::int AS falls
  FROM (SELECT xact, line_id FROM audit_line
        UNION SELECT last_xact, last_line FROM audit_block) AS place
) AS step
"""
_LINES = """
UPDATE audit_line AS line SET xact = run::text::xid8 FROM audit_run
WHERE line.xact = audit_run.xact AND line.line_id = audit_run.line_id
"""
_BLOCKS = """
UPDATE audit_block AS block SET last_xact = run::text::xid8 FROM audit_run
WHERE block.last_xact = audit_run.xact AND block.last_line = audit_run.line_id
"""
_MISSING = """
SELECT greatest(0, coalesce(max(run), 0) + 1 - pg_current_xact_id()::text::numeric)::bigint
FROM audit_run
"""


async def renumber(owner: asyncpg.Connection[asyncpg.Record]) -> None:
    """Renumber all lines and blocks; the service's processes are stopped, the connection idle."""
    async with owner.transaction():
        await owner.execute(_RUNS)
        await owner.execute("ANALYZE audit_run")
        await owner.execute(_LINES)
        await owner.execute(_BLOCKS)
        missing = await owner.fetchval(_MISSING)
    if missing:
        # A young cluster: use up transaction ids until new lines come after the old ones.
        await owner.execute(
            f"DO $$ BEGIN FOR n IN 1..{int(missing)} LOOP"
            " PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
        )
