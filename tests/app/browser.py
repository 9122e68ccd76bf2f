"""A real browser, steered through the pipe that Chromium opens for that."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-dev-shm-usage --remote-debugging-pipe"
).split()
LONGEST_MESSAGE = 2**26

WAIT = """
new Promise((resolve) => {
  const look = () => (() => { return %s; })();
  const found = look();
  if (found) return resolve(found);
  const observer = new MutationObserver(() => {
    const found = look();
    if (!found) return;
    observer.disconnect();
    resolve(found);
  });
  const all = {subtree: true, childList: true, attributes: true, characterData: true};
  observer.observe(document, all);
})
"""

# The browser reads its orders from descriptor 3 and answers to descriptor 4.
LAUNCH = """
import os, sys
orders, answers = os.dup(int(sys.argv[1])), os.dup(int(sys.argv[2]))
os.dup2(orders, 3)
os.dup2(answers, 4)
os.set_inheritable(3, True)
os.set_inheritable(4, True)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """One page of a browser, and all that it asked for and complained about.

    Attributes:
        requests: Addresses that it asked for.
        complaints: Errors and warnings in its console, exceptions, and what its policy forbade.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: Any) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._session: str | None = None
        self._loaded = asyncio.Event()
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def begin(self) -> None:
        """Open the page and listen to it."""
        target = await self.call("Target.createTarget", url="about:blank")
        found = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = found["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            await self.call(f"{domain}.enable")

    async def call(self, method: str, **parameters: Any) -> Any:
        """Do what *method* of the DevTools protocol does and return its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps(message).encode() + b"\0")
        return await asyncio.wait_for(answer, PATIENCE)

    async def open(self, address: str) -> None:
        """Go to *address* and wait until the page is there."""
        self._loaded.clear()
        await self.call("Page.navigate", url=address)
        await asyncio.wait_for(self._loaded.wait(), PATIENCE)

    async def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited where it is a promise."""
        answer = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def wait_for(self, expression: str) -> Any:
        """Return the value of *expression* once it is true; looked at whenever the page changes."""
        try:
            return await self.evaluate(WAIT % expression)
        except TimeoutError:
            text = await self.evaluate("document.body.innerText")
            raise AssertionError(f"{expression} never came true; the page says: {text}") from None

    async def click(self, selector: str) -> None:
        """Click the first element that *selector* finds, once it is there."""
        found = f"const found = document.querySelector({json.dumps(selector)})"
        await self.wait_for(f"(() => {{ {found}; found?.click(); return found !== null; }})()")

    async def type(self, selector: str, text: str) -> None:
        """Write *text* into the field that *selector* finds."""
        await self.wait_for(f"document.querySelector({json.dumps(selector)}) !== null")
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        await self.call("Input.insertText", text=text)

    async def listen(self) -> None:
        """Take what the browser says, until it ends."""
        with suppress(asyncio.IncompleteReadError):
            while True:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
                if "id" in message:
                    self._answer(self._answers.pop(message["id"]), message)
                else:
                    self._note(message["method"], message["params"])

    def _answer(self, waiting: asyncio.Future[Any], message: dict[str, Any]) -> None:
        if waiting.done():
            return
        if "error" in message:
            waiting.set_exception(AssertionError(str(message["error"])))
        else:
            waiting.set_result(message["result"])

    def _note(self, method: str, what: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Log.entryAdded" and what["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{what['entry']['source']}: {what['entry']['text']}")
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(what["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and what["type"] in {"error", "warning"}:
            self.complaints.append(str([each.get("value") for each in what["args"]]))


@asynccontextmanager
async def browsing(chromium: str, folder: Path) -> AsyncIterator[Page]:
    """Start *chromium* with a profile in *folder* and yield a page of it."""
    their_input, our_output = os.pipe()
    our_input, their_output = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        LAUNCH,
        str(their_input),
        str(their_output),
        chromium,
        *FLAGS,
        f"--user-data-dir={folder}",
        pass_fds=(their_input, their_output),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(their_input)
    os.close(their_output)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LONGEST_MESSAGE)
    incoming, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_input, "rb")
    )
    outgoing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(our_output, "wb"))
    page = Page(reader, outgoing)
    listening = asyncio.create_task(page.listen())
    try:
        await page.begin()
        yield page
    finally:
        outgoing.close()  # the browser ends with its pipe
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
        await listening
        incoming.close()
