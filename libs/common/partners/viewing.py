"""Who asks for a file: a partner, who sees its registration's part, or somebody of the offices."""

from typing import Annotated

from fastapi import Depends

from libs.common.partners.feed import Doors, doors_of
from libs.common.partners.scoping import Partner, admit
from libs.common.security.roles import Role
from libs.common.web import Edge

PartnerDoors = Annotated[Doors, Depends(doors_of)]


async def partner_of(edge: Edge, doors: Doors, role: Role) -> Partner | None:
    """The partner, where the caller has a partner's role; None: row-level security alone decides.

    Raises:
        Problem: 403, no registration of these tokens is in force.
    """
    if role not in edge.caller.roles:
        return None
    return await admit(edge.tx, doors.scopes, edge.caller, edge.clock.today())
