"""A web server that sends one file, in all the ways in which servers go wrong."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def archive_of(byte: bytes) -> bytes:
    """A zip archive of a little more than 1 MiB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("labels.csv"), bytes(range(255)) * 4096 + byte)
    return stream.getvalue()


CONTENT = archive_of(b"1")
OTHER = archive_of(b"2")  # another release, of the same size
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Answers by path, and keeps the path and the range of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []
        self.content = CONTENT
        self.knows_versions = False
        self.goes_on = threading.Event()  # for ``stalling``

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    @property
    def content(self) -> bytes:
        return self.server.content

    @property
    def version(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()}"'

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.asked.append((self.path, wanted))
        if self.headers.get("If-Range", self.version) != self.version:
            wanted = None
        answer: Callable[[int], None] = getattr(self, self.path.removeprefix("/"), self.missing)
        answer(int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0)

    def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        if self.server.knows_versions:
            self.send_header("ETag", self.version)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def missing(self, start: int) -> None:
        self.reply(404, {})

    def whole(self, start: int) -> None:
        """A good server: sends the rest, or says that there is none."""
        if start >= len(self.content):
            self.reply(416, {"Content-Range": f"bytes */{len(self.content)}"})
        elif start:
            self.reply(206, self.rest(start), self.content[start:])
        else:
            self.reply(200, {}, self.content)

    def rest(self, start: int) -> dict[str, str]:
        return {"Content-Range": f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"}

    def dropping(self, start: int) -> None:
        """Hangs up after 150,000 bytes each time."""
        headers = {"Content-Length": str(len(self.content) - start)}
        status = 206 if start else 200
        headers |= self.rest(start) if start else {}
        self.reply(status, headers, self.content[start : start + 150_000])

    def half(self, start: int) -> None:
        """Goes away half-way: the first answer is cut, and all later ones are errors."""
        if len(self.server.asked) > 1:
            return self.busy(start)
        headers = {"Content-Length": str(len(self.content))}
        return self.reply(200, headers, self.content[: len(self.content) // 2])

    def stalling(self, start: int) -> None:
        """Sends half, and the rest only to who asks for it; ``goes_on`` ends the first answer."""
        if start:
            return self.whole(start)
        self.half(start)
        self.wfile.flush()
        self.server.goes_on.wait(30)
        return None

    def mixing(self, start: int) -> None:
        """Sends the rest of whatever there is now, without a look at what was asked for."""
        wanted = self.headers["Range"]
        self.whole(int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0)

    def unmeasured(self, start: int) -> None:
        """Does not say how much there is."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.content)

    def ignoring(self, start: int) -> None:
        """Knows no ranges, and hangs up half-way the first time."""
        first = self.server.asked == [("/ignoring", None)]
        body = self.content[: len(self.content) // 2] if first else self.content
        self.reply(200, {"Content-Length": str(len(self.content))}, body)

    def hanging_up(self, start: int) -> None:
        """Knows no ranges, and always hangs up half-way."""
        self.reply(
            200, {"Content-Length": str(len(self.content))}, self.content[: len(self.content) // 2]
        )

    def wrong(self, start: int) -> None:
        self.reply(200, {}, self.content[:-1] + b"x")

    def busy(self, start: int) -> None:
        self.reply(503, {})

    def busy_once(self, start: int) -> None:
        self.whole(start) if len(self.server.asked) > 1 else self.busy(start)

    def login(self, start: int) -> None:
        self.reply(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Please log in")

    def elsewhere(self, start: int) -> None:
        self.reply(302, {"Location": self.server.address("whole")})

    def misplaced(self, start: int) -> None:
        """Answers a range with another range."""
        if start:
            self.reply(206, self.rest(start + 1), self.content[start + 1 :])
        else:
            self.whole(start)
