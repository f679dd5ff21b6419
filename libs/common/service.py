"""How a service declares itself to whatever runs it: its routes, its consumers, its daily work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.messaging.consumer import Consumer
from libs.common.partners.webhooks.roads import RoadOf
from libs.common.problems import Text
from libs.common.security.roles import Role


@dataclass(frozen=True)
class Tick:
    """Work that time alone asks for. `run` is safe to repeat and safe to interrupt."""

    name: str
    every: timedelta
    run: Callable[[Database, Clock], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """One service, whole: `services/<name>/app.py` answers it from `build()`.

    Attributes:
        name: `registry`, `eligibility`, `credit` or `reporting`.
        title: shown to people.
        routers: the public API, mounted under `/v1`.
        internal_routers: for operators and the other roles, mounted under `/internal/v1`.
        consumers: what it listens to.
        ticks: its periodic work.
        partners: the role of the partners outside that it tells of its events; None: it has none.
        road_of: how its endpoints are told that are no webhooks; None: all are.
    """

    name: str
    title: Text
    routers: tuple[APIRouter, ...]
    internal_routers: tuple[APIRouter, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    ticks: tuple[Tick, ...] = ()
    partners: Role | None = None
    road_of: RoadOf | None = None
