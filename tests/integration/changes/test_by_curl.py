"""What the README lets a reader do by curl, done: one person asks, a second one approves."""

import asyncio
import os
import re

from libs.common.clock import FixedDayClock
from tests.conftest import MakeDatabase
from tests.support.doors import free_port
from tests.support.screens import shown
from tests.support.servers import repository
from tests.support.worlds import DAY, a_world


async def test_a_reader_of_the_readme_approves_as_a_second_person(
    make_database: MakeDatabase,
) -> None:
    readme = (repository() / "README.md").read_text("utf-8")
    (block,) = [one for one in re.findall(r"```sh\n(.*?)```", readme, re.S) if "$CHANGE" in one]
    world = await a_world("registry", await make_database("registry"))
    port = free_port()
    async with shown(world.service, world.database, FixedDayClock(DAY), port=port) as screens:
        script = re.sub(r"HOUSEHOLD=\S+", f"HOUSEHOLD={world.here.household}", block)
        shell = await asyncio.create_subprocess_exec(
            "bash",
            "-euo",
            "pipefail",
            "-c",
            script.replace("http://localhost:8000", screens.url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "no_proxy": "*", "LANG": "C.UTF-8"},
        )
        said, complaints = await shell.communicate()
    assert said.decode().split() == ["duties.same_person", "applied"], complaints.decode()
