"""A web server that sends one file, in all the ways in which servers go wrong."""

import hashlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Answers by path, and keeps the path and the range of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.asked.append((self.path, wanted))
        answer: Callable[[int], None] = getattr(self, self.path.removeprefix("/"), self.missing)
        answer(int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0)

    def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def missing(self, start: int) -> None:
        self.reply(404, {})

    def whole(self, start: int) -> None:
        """A good server: sends the rest, or says that there is none."""
        if start >= len(CONTENT):
            self.reply(416, {"Content-Range": f"bytes */{len(CONTENT)}"})
        elif start:
            self.reply(206, self.rest(start), CONTENT[start:])
        else:
            self.reply(200, {}, CONTENT)

    def rest(self, start: int) -> dict[str, str]:
        return {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"}

    def dropping(self, start: int) -> None:
        """Hangs up after 150,000 bytes each time."""
        headers = {"Content-Length": str(len(CONTENT) - start)}
        status = 206 if start else 200
        headers |= self.rest(start) if start else {}
        self.reply(status, headers, CONTENT[start : start + 150_000])

    def ignoring(self, start: int) -> None:
        """Knows no ranges, and hangs up half-way the first time."""
        first = self.server.asked == [("/ignoring", None)]
        body = CONTENT[: len(CONTENT) // 2] if first else CONTENT
        self.reply(200, {"Content-Length": str(len(CONTENT))}, body)

    def hanging_up(self, start: int) -> None:
        """Knows no ranges, and always hangs up half-way."""
        self.reply(200, {"Content-Length": str(len(CONTENT))}, CONTENT[: len(CONTENT) // 2])

    def wrong(self, start: int) -> None:
        self.reply(200, {}, CONTENT[:-1] + b"x")

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
            self.reply(206, self.rest(start + 1), CONTENT[start + 1 :])
        else:
            self.whole(start)
