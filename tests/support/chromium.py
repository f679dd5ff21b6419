"""A real Chromium, driven over its debugging pipe: no package, no download, no open port."""

import asyncio
import base64
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

NO_CHROMIUM = "no Chromium is found (Debian: apt-get install chromium)"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_SWITCHES = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars "
    "--no-first-run --disable-extensions --disable-background-networking --remote-debugging-pipe"
).split()
# The pipe is descriptors 3 and 4 of the browser, whatever their numbers are here.
_START = """
import fcntl, os, sys
ours = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for number, place in zip(ours, (3, 4)):
    os.dup2(number, place)
os.execv(sys.argv[3], sys.argv[3:])
"""
_FILL = """(() => {
  const name = %s, value = %s;
  const named = [...document.getElementsByName(name)];
  const one = named.find(field => !["radio", "checkbox"].includes(field.type)
                                  || field.value === value);
  if (!one) return false;
  if (["radio", "checkbox"].includes(one.type)) one.checked = true; else one.value = value;
  return one.value === value;
})()"""
_PUSH = """(() => {
  const text = %s;
  const at = ["main a, main button", "a, button"];  // the menu says the same words
  const all = at.flatMap(where => [...document.querySelectorAll(where)]);
  const one = all.find(it => it.innerText.trim() === text);
  if (one) one.click();
  return Boolean(one);
})()"""
_KEYS: dict[str, tuple[Any, str]] = {"Tab": (9, ""), "Enter": (13, "\r"), "ArrowDown": (40, "")}
_LARGEST_MESSAGE = 32 * 1024 * 1024


def find_chromium() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Tab:
    """One tab; `complaints` are what the browser wrote to its console: errors, refused content."""

    def __init__(self, to_browser: asyncio.StreamWriter) -> None:
        self._to_browser = to_browser
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self._number = 0
        self._session: str | None = None
        self.complaints: list[str] = []

    async def open(self, url: str) -> None:
        """Load a page, wholly."""
        self._loaded.clear()
        await self._call("Page.navigate", url=url)
        async with asyncio.timeout(90):
            await self._loaded.wait()

    async def run(self, script: str) -> Any:
        """The value of a JavaScript expression; promises are awaited."""
        answer = await self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def text(self) -> str:
        """What a reader sees."""
        return str(await self.run("document.body.innerText"))

    async def press(self, selector: str) -> None:
        """Press a button that leads to another page."""
        self._loaded.clear()
        await self.run(f"document.querySelector({json.dumps(selector)}).click()")
        async with asyncio.timeout(90):
            await self._loaded.wait()

    async def fill(self, name: str, value: str) -> None:
        """Give a field of this name a value; of several, the one that has it is chosen."""
        filled = await self.run(_FILL % (json.dumps(name), json.dumps(value)))
        assert filled, f"there is no field {name} for {value}"

    async def choose(self, name: str, file: Path) -> None:
        """Choose a file in a field of this name."""
        script = f"document.getElementsByName({json.dumps(name)})[0]"
        found = await self._call("Runtime.evaluate", expression=script)
        await self._call(
            "DOM.setFileInputFiles", files=[str(file)], objectId=found["result"]["objectId"]
        )

    async def push(self, text: str) -> None:
        """Press the link or button of this text, which leads to another page."""
        self._loaded.clear()
        pushed = await self.run(_PUSH % json.dumps(text))
        assert pushed, f"nothing says {text}: {await self.text()}"
        async with asyncio.timeout(90):
            await self._loaded.wait()

    async def type(self, text: str) -> None:
        """Into whatever has the focus."""
        await self._call("Input.insertText", text=text)

    async def key(self, name: str, *, leads_on: bool = False) -> None:
        """Press a key.

        Args:
            name: `Tab`, `Enter` or `ArrowDown`.
            leads_on: to another page, which is awaited.
        """
        code, text = _KEYS[name]
        key = {"key": name, "code": name, "text": text, "windowsVirtualKeyCode": code}
        self._loaded.clear()
        await self._call("Input.dispatchKeyEvent", type="keyDown", **key)
        await self._call("Input.dispatchKeyEvent", type="keyUp", **key)
        if leads_on:
            async with asyncio.timeout(90):
                await self._loaded.wait()

    async def tab_to(self, selector: str) -> None:
        """Press the tabulator until an element has the focus."""
        for _ in range(60):
            await self.key("Tab")
            if await self.run(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        raise AssertionError(f"no way to {selector} by keyboard")

    async def resize(self, width: int, height: int) -> None:
        await self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    async def paint(self, scheme: str, media: str = "screen") -> None:
        """Draw pages for readers of light or dark screens, or for paper (`print`)."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self._call("Emulation.setEmulatedMedia", media=media, features=[feature])

    async def picture(self) -> bytes:
        """The window as PNG."""
        answer = await self._call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    async def attach(self) -> None:
        target = await self._call("Target.createTarget", url="about:blank")
        attached = await self._call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            await self._call(f"{domain}.enable")

    def take(self, message: dict[str, Any]) -> None:
        """One message of the browser."""
        if "id" in message:
            self._answers.pop(message["id"]).set_result(message)
            return
        match message["method"]:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(message["params"]["exceptionDetails"]["text"])

    async def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        answered = self._answers[number] = asyncio.get_running_loop().create_future()
        self._to_browser.write(json.dumps(message).encode() + b"\0")
        async with asyncio.timeout(90):
            answer = await answered
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result


@asynccontextmanager
async def a_tab(executable: str, profile: Path) -> AsyncIterator[Tab]:
    """Start the browser, give a tab, and stop it.

    Args:
        executable: as `find_chromium` answers.
        profile: an empty folder.
    """
    read_there, write_here = os.pipe()
    read_here, write_there = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _START, str(read_there), str(write_there),
        executable, *_SWITCHES, f"--user-data-dir={profile}", "about:blank",
        pass_fds=(read_there, write_there),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    os.close(read_there)
    os.close(write_there)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LARGEST_MESSAGE)
    reading, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_here, "rb")
    )
    writing, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(write_here, "wb")
    )
    tab = Tab(asyncio.StreamWriter(writing, protocol, None, loop))

    async def listen() -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                tab.take(json.loads((await reader.readuntil(b"\0"))[:-1]))

    listening = asyncio.create_task(listen())
    try:
        await tab.attach()
        yield tab
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await listening
        reading.close()
        writing.close()
