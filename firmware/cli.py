"""The command `pidesk`: finds `firmware/commands/<name>.py`, runs it, and turns every failure into one plain sentence.

Only the command that was asked for is imported, so that help and reference answer at once.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import importlib.util
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType

from firmware import interrupts
from firmware.errors import PideskError, UsageError, did_you_mean

# Kept here and not in the commands: the list must not import them. A command's own HELP is its longer description.
COMMANDS = {
    "run": "run the desk on the card and board found here, or on the simulated ones",
    "demo": "run the desk on the simulated board with the band playing",
    "render": "send sound files through a scene, faster than real time",
    "meter": "loudness, peak and RMS of sound files",
    "scene": "check, show, compare, list, recall and store scenes",
    "get": "values of the running desk",
    "set": "move a parameter of the running desk",
    "solo": "end all solos, or bring the last ones back",
    "link": "join two strips into a stereo one, or part them, while the desk runs",
    "play": "start and stop the stems, or go to a place in them",
    "latency": "how late each way through the desk is",
    "params": "every parameter of this desk: range, default, unit",
    "plot": "the curves of a strip as a picture",
    "oled": "pages of the display as a picture",
    "band": "make the band's sixteen tracks",
    "boards": "the panels' boards: which fits beside which card, and how one is wired",
    "learn": "the first start of a panel: every control answers, faders are calibrated",
    "doctor": "look for what is wrong with this machine",
    "status": "how the running desk is",
    "warmup": "compile the sound kernel now rather than at the first start",
    "bench": "how many strips this machine carries, and how quick a panel is",
    "test": "run the tests (./pidesk test in a checkout)",
}

ALIASES = {"demo": ["run", "--board", "simulated"]}


def help_text() -> str:
    """The text of `pidesk --help`."""
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    return (
        "usage: pidesk COMMAND [options]\n\nA digital mixing desk on a Raspberry Pi.\n\n"
        f"commands:\n{lines}\n\nEach command explains itself: pidesk COMMAND --help."
    )


def version() -> str:
    """The version of the checkout this runs from, else the installed one."""
    import tomllib
    from importlib import metadata
    from pathlib import Path

    with suppress(OSError, ValueError, KeyError):
        project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
        if project["name"] == "pidesk":
            return str(project["version"])
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("pidesk")
    return "of unknown version"


def load_command(name: str) -> ModuleType:
    """Import the module of a command. Raises UsageError when there is none of that name."""
    module = f"firmware.commands.{name}"
    if not name.isidentifier() or importlib.util.find_spec(module) is None:
        if name == "test":
            raise UsageError("The tests are run from a checkout: ./pidesk test.")
        if name in COMMANDS:
            raise UsageError(f'The command "{name}" is not part of this installation.')
        raise UsageError(f'There is no command "{name}".{did_you_mean(name, COMMANDS)} "pidesk --help" lists them.')
    return importlib.import_module(module)


def dispatch(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code. Raises whatever the command raises."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(help_text())
        return 0
    if argv[0] in ("-V", "--version"):
        print(f"pidesk {version()}")
        return 0
    name, *rest = [*ALIASES.get(argv[0], argv[:1]), *argv[1:]]
    if name.startswith("-"):
        raise UsageError(f'The option "{name}" is not known; "pidesk --help" lists the commands.')
    command = load_command(name)
    parser = argparse.ArgumentParser(prog=f"pidesk {argv[0]}", description=command.HELP)
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(rest)))


def explain(error: BaseException) -> tuple[str, int]:
    """The sentence a person sees for `error`, and the exit code."""
    drivers = sys.modules.get("drivers.errors")  # not loaded: then the error cannot be one of its
    if isinstance(error, KeyboardInterrupt) or interrupts.exit_code():
        return "Stopped.", interrupts.exit_code() or interrupts.INTERRUPTED
    if isinstance(error, PideskError):
        return str(error), error.exit_code
    if drivers is not None and isinstance(error, drivers.DriverError):
        return str(error), 1
    if isinstance(error, MemoryError):
        return "There is not enough memory for this.", 1
    if isinstance(error, OSError):
        return _explain_os_error(error), 1
    if isinstance(error, ModuleNotFoundError):
        return f'The Python package "{error.name}" is missing; start with ./pidesk, which sets up what is needed.', 1
    name = type(error).__name__
    return f"This is a fault in pidesk ({name}: {error}); PIDESK_DEBUG=1 shows where it happened.", 1


def _explain_os_error(error: OSError) -> str:
    what = f" ({error.filename})" if error.filename is not None else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"There is no space left on the disk{what}; make room and try again."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"This user may not do that{what}: {error.strerror}."
    if error.errno == errno.EROFS:
        return f"That disk cannot be written to{what}: it is mounted read-only."
    return f"The system refused{what}: {error.strerror or error}."


def complain(text: str) -> None:
    """Say on stderr what is wrong, each line marked as ours."""
    with suppress(OSError, ValueError):
        for line in text.split("\n"):
            print(f"pidesk: {line}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; never raises, never shows a traceback unless PIDESK_DEBUG=1 asks for it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a terminal without "−" shows "?", it does not fail
        if reconfigure is not None:
            reconfigure(errors="replace")
    try:
        code = dispatch(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python flushes once more on exit, so stdout must lead somewhere.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as leaving:  # argparse, after its own message
        return leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
    except BaseException as error:  # noqa: BLE001  the one place where everything ends
        if os.environ.get("PIDESK_DEBUG") == "1":
            traceback.print_exc()
        text, code = explain(error)
        complain(text)
    return code


def start() -> int:
    """The whole process: its streams, the signals that end it, the command line, and its exit code."""
    try:
        _open_streams()
        interrupts.listen()
        return main()
    except KeyboardInterrupt as stopped:  # before or after `main`'s own watch
        text, code = explain(stopped)
        complain(text)
        return code
    finally:
        for number in interrupts.SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # what is left is Python's own end, which has no words for it
        # A KeyboardInterrupt that went through the exec of a text, as dataclasses are made, leaves a mark in Python:
        # it then ends itself by SIGINT, whatever exit code it is given. The next such text wipes it off.
        exec("", {})  # noqa: S102


def _open_streams() -> None:
    """A stream that whoever started this has closed leads nowhere; else the next file opened would take its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)  # the lowest that is free
            setattr(sys, name, os.fdopen(handle, "w" if number else "r", encoding="utf-8"))
