"""Screens for people on the same edge as the API: pages are routes, forms are requests.

A page is a route of a room (`pages.py`) with `allow(...)`, so roles, areas, audit and idempotency
are the edge's. The door before it turns a browser's cookie into a bearer token and a posted form
into the JSON that the API takes: a field is named by its JSON pointer, so a refusal finds it.
"""

from libs.common.web.screens.rendering import render, see_other

__all__ = ["render", "see_other"]
