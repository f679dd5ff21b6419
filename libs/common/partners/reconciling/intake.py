"""From a page's bytes to staged lines: once, whatever is repeated."""

import hashlib
from typing import Any

from pydantic_core import from_json

from libs.common.database import Transaction
from libs.common.partners.reconciling import refusals, store
from libs.common.partners.reconciling.domain import Layout
from libs.common.partners.reconciling.lines import MOST_LINES, Page, copied, reader_of, refuse_many
from libs.common.partners.reconciling.store import Reconciliation
from libs.common.web.act import Limits
from libs.common.web.depth import refuse_deep
from libs.common.web.problems import plain

JSON, CSV = "application/json", "text/csv"


def parse(layout: Layout, content_type: str, body: bytes) -> tuple[Page, bytes]:
    """The page, and the digest by which the same one is known again.

    Raises:
        Problem: 400, 415 or 422, the page as such cannot be read.
    """
    media = content_type.partition(";")[0].strip().lower()
    digest = hashlib.sha256(body).digest()
    if media == CSV:
        # A byte that is no UTF-8 spoils its own line alone.
        return reader_of(layout).csv(body.decode("utf-8", "replace")), digest
    if media != JSON:
        raise plain(415)
    # What is read costs memory by its values, not by its bytes.
    refuse_many(body.count(b"{") + body.count(b"["), MOST_LINES + 2)
    refuse_many(body.count(b","), 2 * MOST_LINES * len(layout.names))
    refuse_deep(body, Limits.depth)
    try:
        whole = from_json(body)
    except ValueError:
        raise plain(400) from None
    lines = whole.get("lines") if isinstance(whole, dict) and whole.keys() == {"lines"} else None
    if not isinstance(lines, list):
        raise refusals.no_lines()
    return reader_of(layout).objects(lines), digest


async def take(tx: Transaction, one: Reconciliation, page: int, read: Page, digest: bytes) -> bool:
    """Stage a page of an open reconciliation; answers whether it is new.

    Args:
        one: shared or locked by the caller, so that nobody closes it meanwhile.

    Raises:
        Problem: 409, another page came under this number, or it is no longer open.
    """
    known = await store.find_page(tx, one.reconciliation_id, page)
    if known is None:
        refusals.unless_open(one)
        counts = (len(read.lines), len(read.unreadable))
        if await store.insert_page(tx, one.reconciliation_id, page, digest, *counts):
            await store.copy_lines(tx, copied(one.reconciliation_id, page, read.lines))
            await store.insert_unreadable(tx, one.reconciliation_id, page, read.unreadable)
            return True
        known = await store.find_page(tx, one.reconciliation_id, page)
    if known is None or known[0] != digest:
        raise refusals.page_differs()
    return False


def page_schema() -> dict[str, Any]:
    """A page in the API's description: JSON, or CSV with a heading."""
    value = {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}
    line = {"type": "object", "additionalProperties": value}
    lines = {"type": "array", "items": line, "maxItems": MOST_LINES}
    page = {
        "type": "object",
        "title": "ReconciliationPageIn",
        "properties": {"lines": lines},
        "required": ["lines"],
        "additionalProperties": False,
    }
    return {
        "required": True,
        "content": {JSON: {"schema": page}, CSV: {"schema": {"type": "string"}}},
    }
