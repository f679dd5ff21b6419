"""The four services by name; the one place that builds them all."""

from collections.abc import Callable
from importlib import import_module

from libs.common.database.provision import SERVICES
from libs.common.floor import on_common_floor
from libs.common.service import Service

NAMES = SERVICES


def with_partners() -> list[str]:
    """Those that tell partners outside of their events."""
    return [name for name in NAMES if build(name).partners is not None]


def with_lists() -> list[str]:
    """Those beside whose lists partners lay their own."""
    return [name for name in NAMES if build(name).reconciles]


def build(name: str) -> Service:
    """The service of this name, on the common floor.

    Raises:
        KeyError: there is none.
    """
    if name not in NAMES:
        raise KeyError(name)
    maker: Callable[[], Service] = import_module(f"services.{name}.app").build
    return on_common_floor(maker())


def with_dci() -> list[str]:
    """Those that partners ask by the DCI standard."""
    return [name for name in NAMES if build(name).standards]
