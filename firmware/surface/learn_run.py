"""The rounds of `pidesk learn` on a panel, real or simulated: what its hands do goes in, lights and display go out."""

from __future__ import annotations

from collections.abc import Callable

from firmware.surface import learn_screen
from firmware.surface.board_file import BoardFile
from firmware.surface.learn import Frame, Learner, Stage
from firmware.surface.ports import PanelPort

ROUND_S = 0.05


def run(
    board: BoardFile,
    panel: PanelPort,
    *,
    say: Callable[[str], None],
    now_ns: Callable[[], int],
    sleep_s: Callable[[float], None],
    skip: Callable[[], bool] = lambda: False,
) -> Learner:
    """Guide until all is done and return what was learnt. `say` takes sentences, `skip` tells whether the hand wants to
    go on to the next part."""
    learner, display = Learner(board), board.panel.display
    size = (display.width, display.height) if display is not None else (128, 64)
    lit = {light.name for light in board.panel.lights}
    pressed: dict[str, bool] = {}
    shown: Frame | None = None
    while True:
        learner.take(panel.take(), panel.states(), now_ns())
        while learner.news:
            say(learner.news.popleft())
        for name, down in learner.pressed.items():
            if f"light.{name}" in lit and pressed.get(name) != down:
                panel.light(f"light.{name}", float(down))
        pressed = dict(learner.pressed)
        frame = learner.frame()
        if frame != shown:
            panel.show(learn_screen.render(frame, size))
            shown = frame
        if learner.stage is Stage.DONE:
            return learner
        if skip():
            learner.skip(now_ns())
        sleep_s(ROUND_S)
