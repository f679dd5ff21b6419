"""A change request as a caller may read it: names masked, or clear for a purpose."""

from libs.common.web import Edge
from services.registry.changes.naming import opened
from services.registry.changes.schemas import ChangeRequestOut, change_out
from services.registry.changes.store import StoredChange
from services.registry.rights.showing import clear_for


async def show_change(edge: Edge, change: StoredChange, *, is_masked: bool) -> ChangeRequestOut:
    """On the trail: the request, its households, and whoever it names in clear.

    Whoever has limited the use of their data for the stated purpose stays masked.
    """
    edge.note("household", [one.household_id for one in change.households])
    edge.note("change", [change.ask.change_id])
    if is_masked:
        return change_out(change, edge.vault)
    named = [
        one.person_id for one in opened(edge.vault, change.ask.change_id, change.ask.sealed).named
    ]
    clear = await clear_for(edge, named)
    edge.note("person", clear)
    return change_out(change, edge.vault, is_masked=False, clear=clear)
