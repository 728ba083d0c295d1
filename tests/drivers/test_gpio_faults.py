"""What may go wrong with GPIO lines beside a line that is taken: lgpio's pipe, its folder, its callbacks, a read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers import debian
from drivers.errors import DriverMissing, LineBusy, LinesMissing
from drivers.gpio_lines import claim, load_gpio
from drivers.panel import Panel
from drivers.panel_config import Button, Encoder, PanelConfig
from drivers.panel_events import ChipState, Health, Pressed
from drivers.simulated import lgpio
from drivers.simulated.clock import VirtualClock
from drivers.simulated.lgpio import Board
from drivers.simulated.world import World
from tests.drivers.test_gpio_lines import Rig

BOTH = PanelConfig(encoders=(Encoder("encoder.1", 22, 23),), buttons=(Button("foot.1", 17),))


@pytest.fixture
def gpio() -> Iterator[Any]:
    module = load_gpio(simulated=True)
    module.setwarnings(False)
    yield module
    module.cleanup()


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A process that has not loaded lgpio, and Debian's folder, which is empty."""
    for variable in ("LG_WD", "RUNTIME_DIRECTORY"):
        monkeypatch.setenv(variable, "")  # put back, whatever is set meanwhile
        monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("RPI_LGPIO_REVISION", "c03114")
    names = [name for name in sys.modules if name.split(".")[0] in {"RPi", "lgpio", "_lgpio"}]
    for name in names:
        monkeypatch.delitem(sys.modules, name)
    folder = tmp_path / "debian"
    folder.mkdir()
    monkeypatch.setattr(debian, "FOLDER", str(folder))
    (folder / "_lgpio.py").write_text("")
    yield folder
    for name in ("RPi", "RPi.GPIO", "lgpio", "_lgpio"):
        sys.modules.pop(name, None)


def test_lgpio_does_not_move_the_process_and_has_a_folder_of_its_own(fresh: Path, tmp_path: Path) -> None:
    """As lgpio does: lguGetWorkDir() goes to LG_WD, the pipe is made there, and opened by its name alone."""
    (fresh / "lgpio.py").write_text(
        "import os\nos.chdir(os.environ['LG_WD'])\nopen('.lgd-nfy0', 'w').close()\nSET_PULL_NONE = 128\n"
    )
    here = Path.cwd()
    load_gpio()
    assert Path.cwd() == here
    assert (tmp_path / "run/pidesk/.lgd-nfy0").exists()
    assert (tmp_path / "run/pidesk").stat().st_mode & 0o077 == 0


def test_without_a_runtime_folder_it_is_one_of_this_user_alone(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fresh / "lgpio.py").write_text("SET_PULL_NONE = 128\n")
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / f"pidesk-{os.getuid()}").symlink_to(tmp_path)  # somebody was here before
    load_gpio()
    folder = Path(os.environ["LG_WD"])
    assert folder.parent == tmp_path
    assert folder.name != f"pidesk-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["PermissionError(13, 'Permission denied')", "Exception('can not create pipe')"])
def test_a_pipe_that_cannot_be_made_is_not_a_package_that_is_missing(
    kind: str, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fresh / "lgpio.py").write_text(f"raise {kind}\n")
    monkeypatch.setenv("LG_WD", "/of/another/user")
    with pytest.raises(
        LinesMissing, match=r"its pipe in /of/another/user \(.*\): set LG_WD to a folder .*\.$"
    ) as caught:
        load_gpio()
    assert "apt" not in str(caught.value)


def test_a_package_that_is_missing_is_told_as_that(fresh: Path) -> None:
    (fresh / "_lgpio.py").unlink()
    with pytest.raises(DriverMissing, match="sudo apt install python3-rpi-lgpio"):
        load_gpio()


def test_the_chip_is_opened_without_moving_the_process(
    gpio: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gpio.cleanup()
    monkeypatch.setenv("LG_WD", str(tmp_path))
    lgpio.attach(Board(World(PanelConfig()), VirtualClock()))
    here = Path.cwd()
    claim(gpio, 24, output=True)
    assert Path.cwd() == here
    gpio.cleanup([24])


@pytest.mark.parametrize("call", ["gpio_claim_alert", "callback"])
@pytest.mark.parametrize("error", [lgpio.error("GPIO busy"), RuntimeError("Failed to add edge detection")])
def test_a_line_that_cannot_be_listened_to_is_named_and_all_are_given_back(
    call: str, error: Exception, gpio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(lgpio, call, fail)
    with pytest.raises(LineBusy, match=rf"GPIO22, which “encoder\.1” .* \({error}\).*\.$"):
        Rig(gpio, BOTH)
    assert not lgpio._the().modes
    assert not lgpio._the().callbacks


def test_what_else_fails_is_one_sentence_too(gpio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> int:
        raise RuntimeError("You must setup() the GPIO channel first")

    monkeypatch.setattr(gpio, "input", fail)
    with pytest.raises(LinesMissing, match=r"cannot be used \(You must setup"):
        Rig(gpio, BOTH)
    assert not lgpio._the().modes


def test_lines_that_cannot_be_read_for_a_while_are_told_as_lost_and_read_again(
    gpio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(gpio, BOTH)
    monkeypatch.setattr("drivers.gpio_lines.PAUSE_S", 0.0)
    read, looks = gpio.input, iter(range(4))
    told: list[list[ChipState]] = []

    def look(line: int) -> int:
        told.append(rig.panel.states())
        if next(looks, 3) < 3:
            raise lgpio.error("no such handle")
        rig.panel._ending = True
        return int(read(line))

    rig.world.press("foot.1", True, rig.clock.now_ns())
    monkeypatch.setattr(gpio, "input", look)
    rig.panel._run()
    monkeypatch.setattr(gpio, "input", read)
    assert told[0] == []
    assert [(state.name, state.health, state.errors) for (state,) in told[1:4]] == [
        ("lines", Health.LOST, errors) for errors in (1, 2, 3)
    ]
    assert "no such handle" in told[1][0].reason
    assert rig.panel.states() == [], "read again"
    rig.run(20)
    assert [event.down for event in rig.told if isinstance(event, Pressed)] == [True]
    rig.panel.close()


def test_an_interrupt_line_that_cannot_be_read_costs_no_expander() -> None:
    class Lines:
        def interrupted(self) -> bool:
            raise RuntimeError("no such handle")

    panel = Panel(PanelConfig(interrupt=4))
    panel._lines = Lines()  # type: ignore[assignment]
    assert panel._interrupted() is False
