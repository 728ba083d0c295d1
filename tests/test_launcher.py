"""The launcher `pidesk`, run as a copy in a scratch folder with stand-ins for Python, apt and the like."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


class Machine:
    """A scratch checkout and a PATH whose programs are what a test says they are."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "a check out"
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        self.checkout.mkdir()
        self.bin.mkdir()
        shutil.copy(ROOT / "pidesk", self.checkout)
        shutil.copytree(ROOT / "requirements", self.checkout / "requirements")
        for name in (
            "cat", "cksum", "cut", "env", "flock", "grep", "mkdir", "mv", "readlink", "rm", "sed", "sha256sum", "sh",
        ):  # fmt: skip
            self.link(name)
        self.program("id", "echo 1000")
        self.program("gcc", "exit 0")
        self.python = self.program("python3", self.recorded_python("exit 0"))

    def link(self, name: str) -> None:
        """The real program of that name."""
        found = shutil.which(name)
        assert found is not None
        (self.bin / name).symlink_to(found)

    def program(self, name: str, script: str) -> Path:
        """A program of that name that runs `script` in a shell."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def recorded_python(self, script: str) -> str:
        """A Python that notes how it was called and makes itself the interpreter of `-m venv`."""
        return (
            f'echo "$*" >>"{self.calls}"\n'
            'if [ "$1 $2" = "-m venv" ]; then\n'
            '    mkdir -p "$3/bin"; cat "$0" >"$3/bin/python"; chmod +x "$3/bin/python"\n'
            "fi\n"
            f"{script}"
        )

    def run(self, *arguments: str, via: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Start the launcher without a terminal."""
        return subprocess.run(
            [str(via or self.checkout / "pidesk"), *arguments],
            env={"PATH": str(self.bin), "HOME": str(self.checkout.parent), "LANG": "C", **environment},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def called(self) -> list[str]:
        """What Python was asked since the last look."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    chmod = shutil.which("chmod")
    assert chmod is not None
    (found.bin / "chmod").symlink_to(chmod)
    return found


def test_the_first_call_sets_up_and_the_second_only_hands_over(machine: Machine) -> None:
    first = machine.run("scene", "list", "a b")
    assert first.returncode == 0, first.stderr
    assert any("pip" in call and "--require-hashes" in call for call in machine.called())
    second = machine.run("scene", "list", "a b")
    assert second.returncode == 0
    assert second.stderr == ""
    assert machine.called() == ["-m firmware scene list a b"]


def test_the_kernel_is_compiled_before_the_first_run_and_after_an_edit_of_the_sound(machine: Machine) -> None:
    (machine.checkout / "dsp").mkdir()
    kernel = machine.checkout / "dsp/eq.py"
    kernel.write_text("a = 1\n")
    compiled = machine.checkout.parent / ".cache/pidesk/kernel"
    machine.program("python3", machine.recorded_python(f'case "$*" in *warmup) mkdir -p "{compiled}" ;; esac'))
    both, run_only = ["-m firmware warmup", "-m firmware run"], ["-m firmware run"]
    assert machine.run("setup").returncode == 0
    for edit, expected in ((None, both), (None, run_only), ("a = 2\n", both), (None, run_only)):
        machine.called()
        if edit is not None:
            kernel.write_text(edit)
        assert machine.run("run").returncode == 0
        assert machine.called() == expected


def test_a_changed_lock_makes_the_environment_anew(machine: Machine) -> None:
    machine.run("setup")
    machine.called()
    with (machine.checkout / "requirements/pidesk.lock").open("a") as lock:
        lock.write("# renewed\n")
    assert machine.run("setup").returncode == 0
    assert any(call.startswith("-m venv") for call in machine.called())


def test_a_failed_set_up_is_made_good_by_the_next_call(machine: Machine) -> None:
    machine.program(
        "python3",
        machine.recorded_python(
            'case "$*" in *pip*) echo "WARNING" >&2 ;; esac; case "$*" in *pidesk.lock*) exit 1 ;; esac'
        ),
    )
    failed = machine.run("params")
    assert failed.returncode == 1
    assert failed.stderr.count("WARNING") == 1  # of the step that failed, not of those that did not
    assert "run the same command again" in failed.stderr
    assert "-m firmware params" not in machine.called()
    machine.program("python3", machine.recorded_python("exit 0"))
    assert machine.run("params").returncode == 0
    assert machine.called()[-1] == "-m firmware params"


def test_an_environment_of_the_users_own_is_left_alone(machine: Machine) -> None:
    (machine.checkout / ".venv").mkdir()
    (machine.checkout / ".venv/precious").touch()
    refused = machine.run("params")
    assert refused.returncode == 1
    assert "was not made by Pidesk" in refused.stderr
    assert (machine.checkout / ".venv/precious").exists()


def test_missing_packages_are_named_in_one_line_and_nothing_is_done_without_root(machine: Machine) -> None:
    machine.program("gcc", "exit 1")
    machine.program("apt-get", f'echo apt-get >>"{machine.calls}"')
    refused = machine.run("run")
    assert refused.returncode == 1
    line = "sudo apt-get update && sudo apt-get install -y --no-install-recommends libc6-dev libasound2-dev"
    assert line in refused.stderr
    assert "apt-get" not in machine.called()


SYSTEM_FILES = ("/proc/device-tree/model", "/etc/rpi-issue")


@pytest.mark.parametrize(
    ("there", "have", "asked"),
    [
        (SYSTEM_FILES, "none", "python3-lgpio python3-spidev"),
        (SYSTEM_FILES, "python3-lgpio", "python3-spidev"),
        (SYSTEM_FILES, "*", ""),
        (SYSTEM_FILES[:1], "none", ""),  # another system on a Pi, which may not have them
        (SYSTEM_FILES[1:], "none", ""),  # Raspberry Pi OS elsewhere
        ((), "none", ""),
    ],
)
def test_raspberry_pi_os_is_asked_for_what_a_panel_needs(
    machine: Machine, there: tuple[str, ...], have: str, asked: str
) -> None:
    real = (machine.bin / "grep").readlink()
    (machine.bin / "grep").unlink()
    said = "".join(f"*{file}) exit {int(file not in there)} ;; " for file in SYSTEM_FILES)
    machine.program("grep", f'case "$*" in {said}*) exec {real} "$@" ;; esac')
    machine.program("dpkg-query", f'case "$4" in {have}) printf installed ;; *) exit 1 ;; esac')
    machine.program("apt-get", "exit 1")
    done = machine.run("params")
    assert done.returncode == int(bool(asked)), done.stderr
    if asked:
        assert f"install -y --no-install-recommends {asked}\n" in done.stderr


def test_root_without_a_terminal_goes_ahead_with_the_packages(machine: Machine) -> None:
    machine.program("id", "echo 0")
    machine.program("gcc", f'[ -e "{machine.bin}/installed" ]')
    machine.program("apt-get", f'case "$*" in *install*libasound2-dev*) echo >"{machine.bin}/installed" ;; esac')
    done = machine.run("params")
    assert done.returncode == 0, done.stderr
    assert machine.called()[-1] == "-m firmware params"


@pytest.mark.parametrize(
    ("asked", "sentence"), [("2**32", "Pidesk needs a 64-bit system"), ("3, 11", "Pidesk needs Python 3.11 or newer")]
)
def test_a_machine_that_cannot_run_the_desk_is_told_so_in_one_sentence(
    machine: Machine, asked: str, sentence: str
) -> None:
    machine.program("python3", f'case "$*" in *"{asked}"*) exit 1 ;; esac')
    refused = machine.run("run")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"pidesk: {sentence}")
    assert len(refused.stderr.splitlines()) == 1


def test_it_works_through_a_link_and_hands_on_the_exit_code(machine: Machine, tmp_path: Path) -> None:
    machine.program("python3", machine.recorded_python('case "$*" in *firmware*) exit 2 ;; esac'))
    link = tmp_path / "desk"
    link.symlink_to(machine.checkout / "pidesk")
    assert machine.run("nonsense", via=link).returncode == 2
    assert machine.called()[-1] == "-m firmware nonsense"


def test_a_ctrl_c_is_kept_for_the_program_from_its_first_moment_on(machine: Machine) -> None:
    """Blocked, it waits; ignored it would be lost, and Python's own answer to it is a traceback."""
    (machine.checkout / "dsp").mkdir()
    (machine.checkout / "dsp/eq.py").write_text("a = 1\n")
    show = (
        'while read -r line; do echo "$line"; done </proc/$$/status'  # by the shell itself: it sets its children free
    )
    machine.program("python3", machine.recorded_python(f'case "$*" in *firmware*) {show} ;; esac'))
    done = machine.run("run")
    assert machine.called()[-2:] == ["-m firmware warmup", "-m firmware run"]
    for said in (done.stderr, done.stdout):
        masks = dict(line.split(":\t") for line in said.splitlines() if line.startswith("Sig"))
        assert (int(masks["SigBlk"], 16), int(masks["SigIgn"], 16)) == (1 << signal.SIGINT - 1, 0)


def test_a_ctrl_c_while_the_kernel_is_compiled_ends_the_launcher_too(machine: Machine) -> None:
    (machine.checkout / "dsp").mkdir()
    (machine.checkout / "dsp/eq.py").write_text("a = 1\n")
    machine.program("python3", machine.recorded_python('case "$*" in *warmup) kill -INT "$PPID" ;; esac'))
    assert machine.run("run").returncode == 130
    assert machine.called()[-1] == "-m firmware warmup"


def test_the_program_sees_the_checkout_and_nothing_of_the_users_own_python(machine: Machine) -> None:
    machine.program(
        "python3", machine.recorded_python('case "$*" in *firmware*) echo "$PYTHONPATH,$PYTHONSAFEPATH" ;; esac')
    )
    assert machine.run("params", PYTHONPATH="/elsewhere").stdout == f"{machine.checkout},1\n"


def test_the_locks_hold_a_hash_for_every_package_and_no_address() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        entries = text.replace("\\\n", " ").splitlines()
        packages = [line for line in entries if line and not line.startswith("#")]
        assert packages
        assert all("==" in line and "--hash=sha256:" in line for line in packages)
        assert "://" not in text


def test_the_locks_cover_all_that_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = (ROOT / "requirements/pidesk.lock").read_text()
    bench = (ROOT / "requirements/bench.lock").read_text()
    extras = project["optional-dependencies"]
    for text, wanted in ((locked, project["dependencies"] + extras["test"]), (bench, extras["bench"])):
        for requirement in wanted:
            name = requirement.split(">=")[0].replace(".", "-")
            assert f"\n{name}==" in text, name


def test_the_locks_hold_one_rpi_gpio_and_no_lgpio() -> None:
    # RPi.GPIO and rpi-lgpio are the same module; lgpio has no wheel for every Arm Python and would have to be built.
    for name in ("pidesk", "bench"):
        locked = (ROOT / f"requirements/{name}.lock").read_text().lower()
        assert "\nrpi-lgpio==" in locked
        assert "\nrpi-gpio==" not in locked
        assert "\nlgpio==" not in locked


@pytest.mark.all
def test_the_shell_scripts_are_clean() -> None:
    names = ("pidesk", "requirements/update", ".ci/run", "systemd/install", "systemd/command")
    scripts = [ROOT / name for name in names]
    scripts += [ROOT / "tests/rigs/boot" / name for name in ("init", "look", "stage")]
    done = subprocess.run(["shellcheck", *map(str, scripts)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert all(os.access(script, os.X_OK) for script in scripts)
