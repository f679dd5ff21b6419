"""The edge of a service: one transaction per request, one shape of error, one way of paging."""

from libs.common.web.act import Limits
from libs.common.web.app import create_app
from libs.common.web.edge import Edge, allow
from libs.common.web.etag import TAGGED, IfMatch, etag, require_match
from libs.common.web.paging import Page, PageQuery, page_of

__all__ = [
    "TAGGED",
    "Edge",
    "IfMatch",
    "Limits",
    "Page",
    "PageQuery",
    "allow",
    "create_app",
    "etag",
    "page_of",
    "require_match",
]
