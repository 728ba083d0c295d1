"""The control socket takes whatever comes, answers each line once, and nothing it is sent stops the desk."""

from __future__ import annotations

import json
import math
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware import control
from firmware.control import CLIENTS, LINE_BYTES, ControlServer, ask, encode
from firmware.errors import NoDeskRunning, OutputError, PideskError


def answer(request: dict[str, Any]) -> dict[str, Any]:
    if request.get("do") == "echo":
        return {"heard": request.get("say")}
    if request.get("do") == "break":
        raise ZeroDivisionError("inside the desk")
    raise PideskError("That cannot be done.")


@contextmanager
def server(path: Path) -> Iterator[ControlServer]:
    made = ControlServer(answer, path)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            made.serve(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join()
        made.close()


def talk(path: Path, data: bytes) -> list[Any]:
    """Send bytes and hang up; the answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        heard = b""
        while chunk := connection.recv(65536):
            heard += chunk
    return [json.loads(line) for line in heard.splitlines()]


def test_a_question_is_answered_and_a_refusal_is_the_desks_own_sentence(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    with server(path):
        assert ask({"do": "echo", "say": [1, -math.inf, "π"]}, path=path)["heard"] == [1, "-inf", "π"]
        with pytest.raises(PideskError, match=r"^That cannot be done\.$"):
            ask({"do": "other"}, path=path)
        with pytest.raises(PideskError, match=r"fault in pidesk \(ZeroDivisionError"):
            ask({"do": "break"}, path=path)
        assert ask({"do": "echo", "say": "still here"}, path=path)["heard"] == "still here"


def test_without_a_desk_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoDeskRunning, match=r"^No desk is running here; .*\.$"):
        ask({"do": "echo"}, path=tmp_path / "none.sock")


def test_a_second_desk_is_refused_and_a_dead_ones_socket_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    with server(path), pytest.raises(OutputError, match="A desk is running already"):
        ControlServer(answer, path)
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with server(path):
        assert ask({"do": "echo", "say": 1}, path=path)["heard"] == 1
    assert not path.exists()


@given(
    lines=st.lists(
        st.one_of(
            st.binary(max_size=200).filter(lambda line: b"\n" not in line),
            st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists).map(
                lambda value: json.dumps(value).encode()
            ),
            st.dictionaries(st.sampled_from(["do", "say", "path"]), st.text() | st.integers()).map(
                lambda value: json.dumps(value).encode()
            ),
        ),
        max_size=8,
    ),
    pieces=st.integers(1, 7),
)
def test_any_bytes_get_one_answer_a_line_and_the_server_lives(fuzzed: Path, lines: list[bytes], pieces: int) -> None:
    data = b"".join(line + b"\n" for line in lines)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(fuzzed))
        for start in range(0, len(data), max(1, len(data) // pieces)):
            connection.sendall(data[start : start + max(1, len(data) // pieces)])
        connection.shutdown(socket.SHUT_WR)
        heard = b""
        while chunk := connection.recv(65536):
            heard += chunk
    answers = [json.loads(line) for line in heard.splitlines()]
    assert len(answers) == sum(bool(line.strip()) for line in lines)
    assert all(isinstance(found["ok"], bool) and ("error" in found) != found["ok"] for found in answers)
    assert ask({"do": "echo", "say": "alive"}, path=fuzzed)["heard"] == "alive"


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("control") / "c.sock"
    with server(path):
        yield path


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    with server(path) as made:
        found = talk(path, b"x" * (3 * LINE_BYTES) + b"\n" + encode({"do": "echo", "say": 5}))
        assert found[0] == {"ok": False, "error": "A request is at most 64 kB long."}
        assert found[-1] == {"ok": True, "heard": 5}
        assert made.path == path


def test_deeply_nested_json_is_no_request(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    with server(path):
        assert talk(path, b"[" * 60000 + b"\n") == [{"ok": False, "error": "That is not a line of JSON."}]


def test_who_connects_and_says_nothing_keeps_nobody_waiting_and_too_many_are_turned_away(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    with server(path):
        silent = [socket.socket(socket.AF_UNIX) for _ in range(CLIENTS - 1)]
        for one in silent:
            one.connect(str(path))
        assert ask({"do": "echo", "say": 2}, path=path)["heard"] == 2
        for one in silent:
            one.close()


def test_who_asks_and_does_not_read_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ANSWER_BYTES", 100_000)
    path = tmp_path / "c.sock"
    with server(path), socket.socket(socket.AF_UNIX) as deaf:
        deaf.settimeout(20)
        deaf.connect(str(path))
        request = encode({"do": "echo", "say": "x" * 30000})
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            deaf.sendall(100 * request)
        assert ask({"do": "echo", "say": 3}, path=path)["heard"] == 3


def test_a_wait_ends_when_it_is_woken_from_another_thread_once_for_any_number_of_calls(tmp_path: Path) -> None:
    made = ControlServer(answer, tmp_path / "control.sock")

    def wake() -> None:
        for _ in range(1000):
            made.wake()

    thread = threading.Thread(target=wake)
    thread.start()
    made.serve(600.0)  # nobody asks anything: without a wake it would be ten minutes
    thread.join()
    made.serve(0.0)
    made.wake()
    made.wake()
    made.serve(600.0)
    assert not made._selector.select(0.0)
    made.close()
    made.wake()
    made.close()
