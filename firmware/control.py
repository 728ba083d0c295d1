"""The running desk's ear: a UNIX socket on which one JSON object a line is asked and answered.

A request is `{"do": "status"}` or `{"do": "set", "path": "channel.1.fader_db", "to": -5.0, "over_ms": 20}` and so on:
`firmware.live.Desk.answer` lists them. An answer is `{"ok": true, …}` or `{"ok": false, "error": "one sentence"}`,
with `"usage": true` beside it where the request itself makes no sense.
Only the desk's own user may connect: the socket lies in a folder of mode 0700.
"""

from __future__ import annotations

import errno
import json
import math
import os
import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from firmware import paths
from firmware.errors import NoDeskRunning, OutputError, PideskError, UsageError

LINE_BYTES = 64 * 1024
ANSWER_BYTES = 8 * 1024 * 1024
CLIENTS = 16

Answer = dict[str, Any]
Handler = Callable[[Answer], Answer]


def encode(message: Answer) -> bytes:
    """One line of JSON. −inf, inf and nan, which JSON has not, become the strings "-inf", "inf" and "nan"."""
    return json.dumps(plain(message), allow_nan=False, separators=(",", ":")).encode() + b"\n"


def plain(value: Any) -> Any:
    """Value with what JSON has not turned into strings: "-inf", "inf", "nan"."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def decode(line: bytes) -> Answer:
    """The object in a line. Raises PideskError when it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise PideskError("That is not a line of JSON.") from None
    if not isinstance(found, dict):
        raise PideskError("A request is a JSON object.")
    return found


class _Client:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.heard = b""
        self.to_say = b""
        self.gone = False


class ControlServer:
    """Serves any number of short requests without ever waiting: `serve` returns within `timeout_s`."""

    def __init__(self, handler: Handler, path: Path | None = None) -> None:
        """Listen at `path` (default: `paths.control_socket()`). Raises OutputError when it cannot or a desk does."""
        self.path = paths.control_socket() if path is None else path
        self._handler = handler
        self._clients: dict[int, _Client] = {}
        self._selector = selectors.DefaultSelector()
        self._listener = _listen(self.path)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._rung = False
        self._ringing = threading.Lock()  # a closed file's number may be another's soon
        self._selector.register(self._bell, selectors.EVENT_READ)

    def wake(self) -> None:
        """End the wait of `serve`, from any thread; harmless after `close`. Often is as good as once."""
        if self._rung:
            return
        with self._ringing:
            if self._bell >= 0:
                self._rung = True
                os.eventfd_write(self._bell, 1)

    def serve(self, timeout_s: float = 0.0) -> None:
        """Answer what has come in, waiting up to `timeout_s` for the first, or until it is woken."""
        for key, events in self._selector.select(timeout_s):
            if key.fd == self._bell:
                self._rung = False
                with suppress(BlockingIOError):
                    os.eventfd_read(self._bell)
                continue
            client = self._clients.get(key.fd)
            if client is None:
                self._accept()
                continue
            try:
                if events & selectors.EVENT_READ:
                    self._hear(client)
                if events & selectors.EVENT_WRITE:
                    self._say(client)
            except OSError:
                self._drop(client)

    def close(self) -> None:
        """Hang up and remove the socket."""
        for client in list(self._clients.values()):
            self._drop(client)
        self._selector.close()
        self._listener.close()
        with self._ringing:
            if self._bell >= 0:
                os.close(self._bell)
            self._bell = -1
        with suppress(OSError):
            self.path.unlink()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if len(self._clients) >= CLIENTS:
            connection.close()
            return
        connection.setblocking(False)
        client = _Client(connection)
        self._clients[connection.fileno()] = client
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, client: _Client) -> None:
        try:
            data = client.connection.recv(LINE_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._drop(client)
            return
        client.heard += data
        while b"\n" in client.heard:
            line, client.heard = client.heard.split(b"\n", 1)
            if line.strip():
                client.to_say += encode(self._answer(line))
        if len(client.heard) > LINE_BYTES:
            client.heard = b""
            client.to_say += encode({"ok": False, "error": "A request is at most 64 kB long."})
        if len(client.to_say) > ANSWER_BYTES:  # asks and does not read
            self._drop(client)
            return
        self._say(client)

    def _answer(self, line: bytes) -> Answer:
        try:
            return {"ok": True, **self._handler(decode(line))}
        except PideskError as error:
            wrong = {"ok": False, "error": str(error)}
            return wrong | {"usage": True} if isinstance(error, UsageError) else wrong
        except Exception as error:  # noqa: BLE001  # a request must not be able to stop the desk
            return {"ok": False, "error": f"This is a fault in pidesk ({type(error).__name__}: {error})."}

    def _say(self, client: _Client) -> None:
        if client.gone:
            return
        if client.to_say:
            with suppress(BlockingIOError):
                sent = client.connection.send(client.to_say)
                client.to_say = client.to_say[sent:]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.to_say else 0)
        self._selector.modify(client.connection, wanted)

    def _drop(self, client: _Client) -> None:
        if client.gone:
            return
        client.gone = True
        self._selector.unregister(client.connection)
        del self._clients[client.connection.fileno()]
        client.connection.close()


def _listen(path: Path) -> socket.socket:
    paths.ensure(path.parent)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        try:
            listener.bind(str(path))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            if _someone_answers(path):
                raise OutputError("A desk is running already; end it first, or ask it: pidesk status.") from None
            path.unlink(missing_ok=True)  # left behind by a desk that was killed
            listener.bind(str(path))
        listener.listen(CLIENTS)
    except OSError as error:
        listener.close()
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"The control socket {path} cannot be made: {error.strerror or error}.") from error
    return listener


def _someone_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def ask(request: Answer, timeout_s: float = 10.0, path: Path | None = None) -> Answer:
    """Ask the running desk and return its answer. Raises NoDeskRunning; PideskError, or UsageError
    where the request makes no sense, with the desk's own sentence."""
    for candidate in paths.control_sockets() if path is None else [path]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            try:
                connection.connect(str(candidate))
            except OSError:
                continue
            try:
                connection.sendall(encode(request))
                line = _read_line(connection)
            except OSError:
                raise NoDeskRunning("The desk was asked and did not answer; is it still running?") from None
        answer = decode(line)
        if answer.get("ok") is not True:
            kind = UsageError if answer.get("usage") is True else PideskError
            raise kind(str(answer.get("error", "The desk refused without a reason.")))
        return answer
    raise NoDeskRunning("No desk is running here; start one with: pidesk run.")


def _read_line(connection: socket.socket) -> bytes:
    heard = bytearray()
    while not heard.endswith(b"\n"):
        data = connection.recv(65536)
        if not data or len(heard) > ANSWER_BYTES:
            raise ConnectionError("no whole answer")
        heard += data
    return bytes(heard)
