"""Tasks that are told to end do end."""

import asyncio

from libs.common.messaging.pace import end_tasks


async def test_a_task_that_swallows_a_cancellation_is_told_again() -> None:
    heard = 0

    async def hard_of_hearing() -> None:
        nonlocal heard
        while heard < 2:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                heard += 1
        raise asyncio.CancelledError

    task = asyncio.create_task(hard_of_hearing())
    await asyncio.sleep(0)
    await end_tasks([task], again_seconds=0.01)
    assert task.done()
    assert heard == 2


async def test_what_has_ended_answers_its_result_or_its_error() -> None:
    async def fails() -> None:
        raise ValueError

    async def answers() -> int:
        return 7

    tasks = [asyncio.create_task(answers()), asyncio.create_task(fails())]
    await asyncio.wait(tasks)
    seven, error = await end_tasks(tasks)
    assert seven == 7
    assert isinstance(error, ValueError)
