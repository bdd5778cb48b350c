"""A page in headless Chromium, asked by way of the DevTools protocol over two pipes."""

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120  # seconds for one answer, on a machine that does other things too
FIRST_FREE = 10  # number of the first pipe, above the two that Chromium wants
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
TEXTS = {"Enter": "\r", " ": " "}


def program() -> str | None:
    """Return where Chromium is, if it is on PATH."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextlib.contextmanager
def opened(chromium: str, profile: Path) -> Iterator["Browser"]:
    """Start Chromium with a profile of its own; end it afterwards."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD, FIRST_FREE) for end in (theirs_in, theirs_out))
    for end in (theirs_in, theirs_out):
        os.close(end)
    words = [
        *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
        *("--disable-sync", "--hide-scrollbars", f"--user-data-dir={profile}"),
        *("--remote-debugging-pipe", "about:blank"),
    ]
    shell = ["bash", "-c", f'exec "$0" "$@" 3<&{read} 4>&{write}']
    process = subprocess.Popen(
        [*shell, *words],
        pass_fds=(read, write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read)
    os.close(write)
    browser = Browser(ours_out, ours_in)
    try:
        yield browser
        browser.say("Browser.close")
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
        os.close(ours_out)
        os.close(ours_in)


class Browser:
    """Chromium at the other end of two pipes; messages are JSON and end with a zero byte."""

    def __init__(self, out: int, into: int) -> None:
        self._out, self._into = out, into
        self._rest = b""
        self._last = 0
        self.events: list[dict[str, Any]] = []

    def say(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Call a method and return what it answers; what happens meanwhile goes to ``events``."""
        self._last += 1
        call: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if session:
            call["sessionId"] = session
        os.write(self._out, json.dumps(call).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._last:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self.events.append(message)

    def wait_for(self, method: str) -> None:
        """Wait until an event of that name has come."""
        while all(event.get("method") != method for event in self.events):
            self.events.append(self._message())

    def _message(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._into], [], [], max(0, end - time.monotonic()))
            assert ready, f"Chromium has said nothing for {PATIENCE} s"
            received = os.read(self._into, 1 << 20)
            assert received, "Chromium has gone"
            self._rest += received
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


class Tab:
    """One page at one width, with what it logged and asked for."""

    def __init__(self, browser: Browser, *, width: int = 1280, height: int = 900) -> None:
        self._browser = browser
        target = browser.say("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.say("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.say(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.say("Emulation.setDeviceMetricsOverride", **size)

    def say(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method for this page."""
        return self._browser.say(method, self._session, **parameters)

    def visit(self, page: Path, fragment: str = "") -> None:
        """Open a page and wait until all of it is there."""
        self._browser.events.clear()
        gone_to = self.say("Page.navigate", url=page.absolute().as_uri() + fragment)
        if "loaderId" in gone_to:  # not another place in the same page
            self._browser.wait_for("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page, after promises are kept."""
        found = self.say(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        known = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"text": TEXTS[key]} if key in TEXTS else {}
        self.say("Input.dispatchKeyEvent", type="keyDown", **known, **text)
        self.say("Input.dispatchKeyEvent", type="keyUp", **known)

    def click(self, selector: str) -> None:
        """Click with the mouse in the middle of the first element that fits."""
        place = self.run(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            "one.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const box = one.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        where = {"x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.say("Input.dispatchMouseEvent", type=kind, **where)

    def complaints(self) -> list[str]:
        """Return errors and warnings of the console since the visit."""
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [json.dumps(event["params"]) for event in self._events(*kinds)]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the visit, but for data in the page."""
        asked = self._events("Network.requestWillBeSent")
        urls = [event["params"]["request"]["url"] for event in asked]
        return [url for url in urls if not url.startswith("data:")]

    def picture(self, file: Path) -> None:
        """Write what is on the screen as PNG."""
        file.write_bytes(base64.b64decode(self.say("Page.captureScreenshot")["data"]))

    def _events(self, *kinds: str) -> list[dict[str, Any]]:
        self.run("0")  # whatever is under way has come by then
        return [event for event in self._browser.events if event.get("method") in kinds]
