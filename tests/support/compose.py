"""Run the services of `docker-compose.yml` as processes of this machine, from that very file.

What a container engine would do is done here: `${VARIABLES}` are filled in, `depends_on` is
followed, commands are started with their environment and nothing else. What differs is this:

- host names become addresses (`Hosts`): `database:5432` and `broker:5672` lead to the test's
  servers, `collector:4318` to a collector of the test, `identity.localhost:8080/realms/ansinh` to
  the development issuer;
- the owner's login becomes that of the test server's superuser; the broker's is changed on the way;
- every process has a management port of its own, and every API its port, on 127.0.0.1;
- there is no gateway: callers take each API's own address, without the gateway's first path part.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from ansinh.health import look
from tests.support.doors import free_port
from tests.support.servers import repository

_VARIABLE = re.compile(r"\$\{(\w+)(?:(:-|:\?)([^}]*))?\}")
OURS = "ansinh:"  # the image whose commands are processes of the product


def read_compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables filled in.

    Raises:
        KeyError: a variable without default is not given.
    """

    def value_of(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        given = variables.get(name, "")
        if not given and kind != ":-":
            raise KeyError(name)
        return given or default

    def fill(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: fill(value) for key, value in part.items()}
        if isinstance(part, list):
            return [fill(value) for value in part]
        return _VARIABLE.sub(value_of, part) if isinstance(part, str) else part

    text = (repository() / "docker-compose.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = fill(yaml.safe_load(text))
    return found


def variables_in_compose() -> dict[str, bool]:
    """Every variable of the file, and whether it must be given."""
    text = (repository() / "docker-compose.yml").read_text(encoding="utf-8")
    return {name: kind != ":-" for name, kind, _ in _VARIABLE.findall(text)}


@dataclass(frozen=True)
class Hosts:
    """Where the file's host names lead to on this machine."""

    database: str
    broker: str
    collector: str
    issuer: str
    owner_dsn: str

    def here(self, value: str) -> str:
        """An environment's value with our addresses in it."""
        owner = urlsplit(self.owner_dsn)
        login = f"{owner.username}:{owner.password or quote('trusted-by-its-host')}"
        value = re.sub(r"//ansinh_owner:[^@]+@", f"//{login}@", value)
        return (
            value.replace("http://identity.localhost:8080/realms/ansinh", self.issuer)
            .replace("@database:5432/", f"@{self.database}/")
            .replace("@broker:5672/", f"@{self.broker}/")
            .replace("//collector:4318", f"//{self.collector}")
        )


@dataclass
class Process:
    """One service of the file, as a process."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    port: int | None
    management_port: int
    running: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        path = self.folder / f"{self.name}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def code(self) -> int | None:
        """The exit code, where it has ended."""
        return self.running.poll() if self.running else None

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "ansinh", *self.command],
                cwd=repository(),
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def is_well(self) -> bool:
        """What the image's HEALTHCHECK would find."""
        assert self.code is None, f"{self.name} has ended with {self.code}: {self.log}"
        return look("127.0.0.1", self.management_port)[0]

    @property
    def management(self) -> str:
        """Its management address."""
        return f"http://127.0.0.1:{self.management_port}"

    def tell_to_stop(self) -> None:
        assert self.running is not None
        self.running.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.kill()
            self.running.wait()


@dataclass
class Composed:
    """The file's processes of this product."""

    folder: Path
    hosts: Hosts
    variables: Mapping[str, str]
    processes: dict[str, Process] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, service in read_compose(self.variables)["services"].items():
            if service["image"].startswith(OURS):
                self.processes[name] = self._process(name, service)

    def _process(self, name: str, service: Mapping[str, Any]) -> Process:
        port = free_port() if service["command"][-1] == "api" else None
        given = {key: self.hosts.here(str(value)) for key, value in service["environment"].items()}
        environment = {
            "PATH": os.environ["PATH"],
            "ANSINH_POOL_SIZE": "3",  # the tests' server has a hundred connections for all
            **given,
            "ANSINH_HOST": "127.0.0.1",
            "ANSINH_MANAGEMENT_HOST": "127.0.0.1",
            "ANSINH_MANAGEMENT_PORT": str(free_port()),
        }
        if port is not None:
            environment["ANSINH_PORT"] = str(port)
        management_port = int(environment["ANSINH_MANAGEMENT_PORT"])
        command = service["command"]
        return Process(name, command, environment, self.folder, port, management_port)

    @property
    def jobs(self) -> list[Process]:
        """What runs once and ends."""
        return [one for one in self.processes.values() if one.command[0] != "run"]

    @property
    def roles(self) -> list[Process]:
        """What runs until it is told to stop."""
        return [one for one in self.processes.values() if one.command[0] == "run"]

    @property
    def addresses(self) -> dict[str, str]:
        """Of each service's API."""
        return {one.command[1]: f"http://127.0.0.1:{one.port}" for one in self.roles if one.port}

    def kill_all(self) -> None:
        for process in self.processes.values():
            process.kill()
