"""The command line: finds commands, and says every failure in one sentence with the right exit code."""

from __future__ import annotations

import argparse
import errno
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from firmware import cli
from firmware.errors import EngineDied, NoDeskRunning, OutputError, PideskError, SceneError, UsageError

ROOT = Path(__file__).resolve().parents[2]


def with_command(monkeypatch: pytest.MonkeyPatch, raised: BaseException | None = None, printed: str = "") -> None:
    """Make `pidesk bench` raise or print something."""
    command = types.ModuleType("bench")

    def run(_: object) -> int:
        if raised is not None:
            raise raised
        print(printed)
        return 0

    vars(command).update(HELP="help", add_arguments=lambda _: None, run=run)
    monkeypatch.setattr(cli, "load_command", lambda _: command)


def pidesk(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "firmware", *args],
        cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (PideskError("That is wrong."), 1, "That is wrong."),
        (SceneError("That too."), 1, "That too."),
        (EngineDied("It died."), 1, "It died."),
        (OutputError("Full."), 1, "Full."),
        (NoDeskRunning("No desk."), 1, "No desk."),
        (UsageError("How?"), 2, "How?"),
        (KeyboardInterrupt(), 130, "Stopped."),
        (OSError(errno.ENOSPC, "No space left on device", "out.wav"), 1, "no space left on the disk (out.wav)"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), 1, "may not do that (x)"),
        (OSError(errno.EROFS, "Read-only file system"), 1, "mounted read-only"),
        (OSError("odd"), 1, "odd"),
        (MemoryError(), 1, "not enough memory"),
        (ModuleNotFoundError("No module named 'x'", name="x"), 1, 'package "x" is missing'),
        (ZeroDivisionError("division by zero"), 1, "a fault in pidesk (ZeroDivisionError: division by zero)"),
        (RecursionError("deep"), 1, "a fault in pidesk"),
    ],
)
def test_every_failure_is_one_sentence_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raised: BaseException, code: int, said: str
) -> None:
    with_command(monkeypatch, raised)
    assert cli.main(["bench"]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("pidesk: ")
    assert said in told.err
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err


def test_a_drivers_error_is_told_like_the_desks_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from drivers.errors import DriverError

    with_command(monkeypatch, DriverError("The card is gone."))
    assert cli.main(["bench"]) == 1
    assert capsys.readouterr().err == "pidesk: The card is gone.\n"


def test_a_traceback_is_shown_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_command(monkeypatch, ValueError("x"))
    monkeypatch.setenv("PIDESK_DEBUG", "1")
    assert cli.main(["bench"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_each_of_several_faults_is_marked_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_command(monkeypatch, SceneError("a.toml, line 1: This.\na.toml, line 2: That."))
    assert cli.main(["bench"]) == 1
    assert capsys.readouterr().err == "pidesk: a.toml, line 1: This.\npidesk: a.toml, line 2: That.\n"


def test_help_lists_every_command_and_loads_none() -> None:
    program = (
        "import sys; from firmware.cli import main; main(['--help']);"
        "print([m for m in sys.modules if m.startswith(('firmware.commands', 'numpy', 'firmware.params'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for name in cli.COMMANDS:
        assert f"\n  {name} " in done.stdout


def test_what_is_no_command_is_a_usage_error_with_the_nearest_one() -> None:
    for args, said in (
        (["scen"], 'no command "scen". Did you mean "scene"?'),
        (["../x"], 'no command "../x"'),
        (["--fast"], "is not known"),
        (["scene"], "required"),
        (["scene", "check"], "required"),
        (["params", "--yaml"], "unrecognized"),
    ):
        done = pidesk(*args)
        assert done.returncode == 2, args
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_a_command_that_is_missing_breaks_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.COMMANDS, "later", "comes later")
    with pytest.raises(UsageError, match="not part of this installation"):
        cli.load_command("later")
    with pytest.raises(UsageError, match=r"\./pidesk test"):
        cli.load_command("test")
    assert cli.load_command("params").HELP


def test_demo_is_run_on_the_simulated_board(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    command = types.ModuleType("run")

    def run(args: argparse.Namespace) -> int:
        asked.append(args.board)
        return 0

    vars(command).update(
        HELP="",
        add_arguments=lambda parser: parser.add_argument("--board"),
        run=run,
    )
    monkeypatch.setattr(cli, "load_command", lambda name: {"run": command}[name])
    assert cli.main(["demo"]) == 0
    assert asked == ["simulated"]


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$0" -m firmware params --markdown | head -1', sys.executable],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_without_the_signs_shows_others_and_does_not_fail() -> None:
    done = pidesk("params", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert "?20.0 dB" in done.stdout


def test_a_full_disk_under_the_output_is_said() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "firmware", "params"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "pidesk: There is no space left on the disk; make room and try again.\n"


def test_a_closed_output_is_no_failure() -> None:
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        done = subprocess.run(
            ["bash", "-c", f'"$0" -m firmware params --json {closed}', sys.executable],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), closed


def test_the_version_is_that_of_the_project() -> None:
    assert f'\nversion = "{cli.version()}"\n' in (ROOT / "pyproject.toml").read_text()


LOADING = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
from firmware import cli
class Dropped:
    def __del__(self):
        os.kill(os.getpid(), signal.NAME)
def load(_):
    HOW
cli.load_command = load
sys.exit(cli.start())
"""


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize(
    "how",
    [
        "os.kill(os.getpid(), signal.NAME)",
        "Dropped()\n    os.read(os.pipe()[0], 1)",
        "try: os.kill(os.getpid(), signal.NAME)\n    except KeyboardInterrupt: raise ImportError('module datetime')",
    ],
)
def test_what_ends_a_command_is_told_in_one_word_with_the_shells_code(how: str, name: str, code: int) -> None:
    """Raised plainly; lost in a destructor before a call that has no end of its own; made an ImportError, as NumPy's
    compiled parts do."""
    done = subprocess.run(
        [sys.executable, "-c", LOADING.replace("HOW", how).replace("NAME", name), "meter"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (code, "pidesk: Stopped.\n")


def test_a_ctrl_c_before_python_itself_is_up_is_kept_for_the_command_line() -> None:
    """As the launcher starts it: Ctrl-C blocked."""
    early = 'kill -INT $$; exec "$0" -m firmware params'
    done = subprocess.run(
        ["env", "--block-signal=INT", "sh", "-c", early, sys.executable],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "pidesk: Stopped.\n")


def test_a_stop_that_falls_into_the_making_of_a_dataclass_has_its_exit_code(tmp_path: Path) -> None:
    """Python 3.11 marks itself as interrupted there (run_eval_code_obj in pythonrun.c) and would die by SIGINT."""
    (tmp_path / "stopped.py").write_text(
        "import sys\n"
        "from firmware import cli\n"
        "def main():\n"
        "    exec('raise KeyboardInterrupt')\n"
        "cli.main = main\n"
        "sys.exit(cli.start())\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "stopped"],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, "pidesk: Stopped.\n")
