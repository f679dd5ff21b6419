"""Before the tests: is there a RabbitMQ? If not, get one where that is allowed, and say so first.

Where this process is root on Debian or Ubuntu it is installed and started (NO_INSTALL=1 prevents
that); else Docker is used where there is an engine; else the tests that need a broker are left out
and named in the run's last lines. Standard library only.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_URL = "amqp://guest:guest@127.0.0.1:5672/"
_WAIT_SECONDS = 60


def answers(url: str) -> bool:
    """Whether something that speaks AMQP 0-9-1 listens at the URL."""
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname or "", address.port or 5672), 2) as probe:
            probe.settimeout(2)
            probe.sendall(b"AMQP\x00\x00\x09\x01")
            return probe.recv(1) == b"\x01"
    except OSError:
        return False


def main() -> int:
    named = os.environ.get("ANSINH_TEST_AMQP_URL")
    url = named or DEFAULT_URL
    if answers(url):
        print("==> RabbitMQ: answers, its tests will run")
        return 0
    if named or os.environ.get("NO_INSTALL") == "1":
        print("==> RabbitMQ: no answer, nothing is installed; its tests are left out")
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get") and Path("/etc/debian_version").exists():
        print(
            "==> RabbitMQ: about to install and start Debian's rabbitmq-server (NO_INSTALL=1: not)"
        )
        _install()
    elif shutil.which("docker") and _succeeds("docker", "info"):
        print("==> RabbitMQ: about to start a container 'ansinh-test-rabbitmq' (NO_INSTALL=1: not)")
        _succeeds(
            *("docker", "run", "--rm", "-d", "--name", "ansinh-test-rabbitmq"),
            *("-p", "127.0.0.1:5672:5672", "rabbitmq:4"),
        )
    else:
        print("==> RabbitMQ: none here and no means to start one; its tests are left out")
        return 0
    if not _wait_for(url):
        print("==> RabbitMQ: did not come up; its tests are left out")
    return 0


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "rabbitmq-server"],
    ):
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
    if not _wait_for(DEFAULT_URL, seconds=5):
        _succeeds("rabbitmq-server", "-detached")


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _wait_for(url: str, seconds: float = _WAIT_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answers(url):
            return True
        time.sleep(0.5)
    return False


if __name__ == "__main__":
    sys.exit(main())
