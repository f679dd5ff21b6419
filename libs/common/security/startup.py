"""Refuse to start on a database role that row-level security does not bind."""

from libs.common.database import Database

_ROLE = """
SELECT role.rolsuper, role.rolbypassrls,
  EXISTS (
    SELECT FROM pg_class AS relation
    WHERE relation.relkind IN ('r', 'p')
      AND relation.relnamespace = 'public'::regnamespace
      AND pg_has_role(current_user, relation.relowner, 'USAGE')
  ) AS owns
FROM pg_roles AS role WHERE role.rolname = current_user
"""


class UnsafeRole(Exception):
    """The role could read past row-level security.

    Args:
        reason: which power it has.
    """


async def assert_role_is_safe(database: Database) -> None:
    """Check the role of a process before it serves; for API and worker processes alike.

    Raises:
        UnsafeRole: it is a superuser, has BYPASSRLS, or owns tables (an owner can switch it off).
    """
    async with database.transaction() as tx:
        row = await tx.fetchrow(_ROLE)
    if row is None or row["rolsuper"]:
        raise UnsafeRole("the database role is a superuser")
    if row["rolbypassrls"]:
        raise UnsafeRole("the database role bypasses row-level security")
    if row["owns"]:
        raise UnsafeRole("the database role owns tables")
