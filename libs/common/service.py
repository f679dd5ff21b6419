"""How a service declares itself to whatever runs it: its routes, its consumers, its daily work."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.routing import Route

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.messaging.consumer import Consumer
from libs.common.partners.webhooks.cargo import CargoOf
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.problems import Problem, Text
from libs.common.security.encryption import Vault
from libs.common.security.roles import Role

Words = Mapping[type[StrEnum], Mapping[str, Text]]


@dataclass(frozen=True)
class Tick:
    """Work that time alone asks for. `run` is safe to repeat and safe to interrupt."""

    name: str
    every: timedelta
    run: Callable[[Database, Clock], Awaitable[None]]


@dataclass(frozen=True)
class PartnerTick:
    """The same for work that partners have asked for: it runs where they are told (role `send`),
    since it needs what that needs.
    """

    name: str
    every: timedelta
    run: Callable[[Database, Clock, PartnerSettings], Awaitable[None]]

    def with_settings(self, partners: PartnerSettings) -> Tick:
        """The tick of a process."""

        async def run(database: Database, clock: Clock) -> None:
            await self.run(database, clock, partners)

        return Tick(self.name, self.every, run)


@dataclass(frozen=True)
class VaultTick:
    """The same for work on values of persons: it is given what they are sealed under."""

    name: str
    every: timedelta
    run: Callable[[Database, Clock, Vault], Awaitable[None]]

    def with_vault(self, vault: Vault | None) -> Tick:
        """The tick of a process.

        Raises:
            ValueError: no key is set.
        """
        if vault is None:
            raise ValueError("ANSINH_VAULT_KEYS or ANSINH_IDENTIFIER_KEY is not set")
        kept = vault

        async def run(database: Database, clock: Clock) -> None:
            await self.run(database, clock, kept)

        return Tick(self.name, self.every, run)


@dataclass(frozen=True)
class Standard:
    """An interface that others have laid down: its own addresses and its own shape of refusals.

    Attributes:
        prefix: where it is mounted; its description is the standard's, not ours.
        routers: its routes.
        render: a refusal of the edge in the standard's shape.
        refusal: what its own routes raise; `answer` makes it an answer.
        open_routes: what needs no token, given the process's partner settings.
    """

    prefix: str
    routers: tuple[APIRouter, ...]
    render: Callable[[Problem, UUID], Response]
    refusal: type[Exception]
    answer: Callable[[Request, Exception], Awaitable[Response]]
    open_routes: Callable[[Any], list[Route]]


@dataclass(frozen=True)
class Menu:
    """One entry of the screens' menu: where it leads within them, and for whom it is."""

    path: str
    title: Text
    roles: frozenset[Role]


@dataclass(frozen=True)
class PublicPage:
    """A page for whoever asks, signed in or not: it holds nothing of any person.

    Attributes:
        values: what the template shows on a day.
    """

    path: str
    title: Text
    template: str
    values: Callable[[date], Mapping[str, Any]]


@dataclass(frozen=True)
class Screens:
    """Pages for people, under `/screens` (`libs.common.web.screens`).

    Attributes:
        routers: the rooms' pages.
        menu: what every page leads to.
        templates: each room's folder of templates, by the room's name.
        words: how the service's own word lists are read, besides the common ones.
        public: what is linked at the foot of every page.
    """

    routers: tuple[APIRouter, ...]
    menu: tuple[Menu, ...]
    templates: Mapping[str, Path]
    words: Words = field(default_factory=dict)
    public: tuple[PublicPage, ...] = ()


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
        cargo_of: what its endpoints are told that are no webhooks; None: all are.
        partner_ticks: its work for partners.
        vault_ticks: its work on values of persons.
        standards: interfaces that others have laid down.
        reconciles: whether partners lay lists of theirs beside its own.
        screens: its pages for people; None: it has none.
    """

    name: str
    title: Text
    routers: tuple[APIRouter, ...]
    internal_routers: tuple[APIRouter, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    ticks: tuple[Tick, ...] = ()
    partners: Role | None = None
    cargo_of: CargoOf | None = None
    partner_ticks: tuple[PartnerTick, ...] = ()
    vault_ticks: tuple[VaultTick, ...] = ()
    standards: tuple[Standard, ...] = ()
    reconciles: bool = False
    screens: Screens | None = None
