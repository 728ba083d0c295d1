"""`pidesk run`: the desk on a card, or on the simulated board with the band playing."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware.boards import Board, Wish
    from firmware.desk_config import DeskConfig
    from firmware.desk_model import DeskModel
    from firmware.engine_process import Process
    from firmware.panels import Choice
    from firmware.session import Course, Session, Stop

AT_ONCE_TAP_BYTES = 64 << 20  # sixteen seconds: a card that keeps no time is ahead of the recorder by as much
HELP = """Run the desk on the configured or detected sound card, and on the configured panel. Without a card it runs on
the simulated board: a band plays through scene "flat", hands mix it on a simulated panel, flat.wav, mix.wav and
oled.gif are written, and what the mixing changed is shown.
It ends with 0 when all went well, also when Ctrl-C or SIGTERM ended it after sound had begun; before that with 130 or
143; with 1 when something failed, with 2 for options that make no sense."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All options of a run."""
    add = parser.add_argument
    add("--board", metavar="NAME", help='"simulated", a card profile or a card\'s id; default: as configured, or found')
    add("--seconds", type=_seconds, metavar="N", help="end after so much sound (the simulated board: default one song)")
    add("--scene", metavar="SCENE", help="recall this scene (simulated board: 2 s in, or half-way; no hands then)")
    add("--panel", metavar="NAME", help="the panel's board or its file; default: as configured; simulated: reference")
    add("--hands", type=Path, metavar="FILE", help="what hands do on the simulated panel in place of mixing the band")
    add("--play", metavar="FOLDER", help="stems to play on the channels that have no input; usb: those on a USB stick")
    add("--hear", type=Path, metavar="FOLDER", help="sound files for the simulated board's inputs instead of the band")
    add("--report", type=Path, metavar="FILE.json", help="write what happened, in figures")
    add("--log", type=Path, metavar="FILE.jsonl", help="write what was done to the desk, as render --events takes it")
    add("--output-folder", type=Path, default=Path(), metavar="FOLDER", help="for what is written; default: here")
    add("--period", type=int, metavar="FRAMES", help="a multiple of 32 up to 1024")
    add("--periods", type=int, metavar="N", help="2 to 4")
    add("--size", metavar="NAME", help="small, standard, large, huge")
    add("--realtime", action="store_true", help="pace the simulated card strictly: a late engine gets xruns")
    add("--speed", type=_speed, default=1.0, metavar="X", help="of the simulated card, times real time; 0: at once")
    add("--faults", default="", metavar="LIST", help="of the simulated card, such as xrun@48000,gone@96000+0.5")


def _seconds(text: str) -> float:
    return _number("--seconds", text, lambda value: 0 < value < 1e6, "a number of seconds above 0")


def _speed(text: str) -> float:
    return _number("--speed", text, lambda value: 0 <= value <= 1e6, "a number from 0 on, 1 is real time")


def _number(option: str, text: str, fits: Callable[[float], bool], what: str) -> float:
    from firmware.errors import UsageError

    with suppress(ValueError):
        if fits(value := float(text)):
            return value
    raise UsageError(f'{option} "{text}" is not possible: {what}.')


def run(args: argparse.Namespace) -> int:
    """Run the desk; 0 when it did what it was asked to."""
    from firmware import engine_process

    ready = engine_process.spawn()  # it loads while the rest is found out
    try:
        from firmware.session import Stop

        with Stop() as stop:
            try:
                return _run(args, stop, ready)
            except KeyboardInterrupt:
                if not stop.asked:
                    raise
                return _no_sound(stop, Attempts())
    finally:
        engine_process.discard(ready)


def _run(args: argparse.Namespace, stop: Stop, ready: Process) -> int:
    from firmware import boards, cli, panels, progress, scene
    from firmware.errors import UsageError
    from firmware.session import Session

    wish, desk = _wish(args), _desk(args)
    if args.hands is not None and args.speed != 1:
        raise UsageError("--hands needs real time: leave --speed out.")
    folder = _folder(args)
    _tell_of_lost_kernel()
    if args.scene is not None:
        scene.load(scene.find(args.scene))  # what is wrong with it is told before anything is made
    panels.check(args.panel, args.hands)
    with progress.bar("The band tunes up") as told:

        def tell(share: float) -> None:
            if stop.asked:
                raise KeyboardInterrupt  # nothing has begun: there is nothing to end well
            told(share)

        board = boards.find(wish, desk, tell)
        tell(1.0)
    try:
        model = boards.model(board, desk)
        choice = _panel(args, board, desk, model)
        for warning in board.warnings:
            cli.complain(warning)
        session = Session(board, model, _course(args, board, choice), ready)
        attempts = Attempts()
        try:
            try:
                with attempts.one():
                    if choice is not None:
                        _attach(session, choice)
                    _play(session, stop)
            finally:
                session.close()
            if not session.clock:
                return _no_sound(stop, attempts)
            return _finish(session, folder, args, attempts)
        finally:
            session.recorder.forget()
    finally:
        board.close()


def _no_sound(stop: Stop, attempts: Attempts) -> int:
    from firmware import cli

    if stop.asked:
        cli.complain("Stopped before there was any sound; nothing was written.")
        return stop.exit_code
    if not attempts.failed:  # else it was told why
        cli.complain("The desk ended without any sound; nothing was written.")
    return 1


def _wish(args: argparse.Namespace) -> Wish:
    from firmware.boards import Wish
    from firmware.errors import UsageError

    if args.faults:
        from drivers.simulated.card import bad_faults

        if wrong := bad_faults(args.faults):
            raise UsageError(f"--faults: {'; '.join(wrong)}.")
    return Wish(args.board, args.play, args.hear, args.realtime, args.speed, args.seconds, args.faults)


def _desk(args: argparse.Namespace) -> DeskConfig:
    from dataclasses import replace

    from firmware import desk_config
    from firmware.errors import UsageError

    if args.size is not None and args.size not in desk_config.sizes():
        raise UsageError(f'--size "{args.size}" is not possible: {", ".join(desk_config.sizes())}.')
    desk = desk_config.load(size=args.size)
    if args.period is not None:
        if args.period not in desk_config.PERIODS_FRAMES:
            raise UsageError(f"--period {args.period} is not possible: a multiple of 32 up to 1024.")
        desk = replace(desk, period_frames=args.period)
    if args.periods is not None:
        if args.periods not in (2, 3, 4):
            raise UsageError(f"--periods {args.periods} is not possible: 2, 3 or 4.")
        desk = replace(desk, periods=args.periods)
    return desk


def _tell_of_lost_kernel() -> None:
    """In one line that every start will compile, when the compiled kernel cannot be kept."""
    import os

    from firmware import cli, paths

    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(given) if given else paths.cache_dir() / "kernel"
    with suppress(OSError):
        if any(folder.glob("*/**/desk.process-*.nbc")):
            return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        cli.complain(f"The compiled sound kernel cannot be kept in {folder}: each start takes minutes to compile it.")


def _folder(args: argparse.Namespace) -> Path:
    """Where the sound goes; every file that will be written is tried before there is any, and is one of its own."""
    from firmware import files
    from firmware.errors import OutputError, UsageError

    folder: Path = args.output_folder.resolve()
    if not folder.is_dir():
        raise OutputError(f"{args.output_folder} is not a folder; make it first.")
    wanted: list[tuple[str, Path | None]] = [("--report", args.report), ("--log", args.log)]
    if args.board in (None, "simulated"):
        wanted += [(f"the sound {name}", folder / name) for name in ("flat.wav", "mix.wav")]
        wanted.append(("the film oled.gif", folder / "oled.gif"))
    taken: dict[Path, str] = {}
    for what, path in wanted:
        if path is not None:
            files.check_writable(path)
            target = path.resolve()
            if target in taken and (target.is_file() or not target.exists()):  # a device takes both
                shown = files.name_of(path)
                raise UsageError(f"{taken[target]} and {what} would both be {shown}; give one of them another name.")
            taken[target] = what
    for name in ("report", "log"):  # of today's working directory, whatever a library does to it
        if getattr(args, name) is not None:
            setattr(args, name, getattr(args, name).absolute())
    return folder


def _panel(args: argparse.Namespace, board: Board, desk: DeskConfig, model: DeskModel) -> Choice | None:
    """Hands play what they are asked to, or mix the band where it plays in real time, its channels lie under the faders
    as they do on a desk that nobody changed, and no scene is asked for."""
    from firmware import panels, stems
    from firmware.errors import UsageError

    if board.simulated:
        as_usual = model.channels()[: stems.INPUTS] == list(range(1, stems.INPUTS + 1))
        plays = board.is_band and as_usual and args.scene is None and args.speed == 1
        return panels.simulated(args.panel, args.hands, plays=plays)
    if args.hands is not None:
        raise UsageError("--hands needs the simulated board: add --board simulated.")
    return panels.real(board, desk, args.panel)


def _attach(session: Session, choice: Choice) -> None:
    """Only now that the engine starts: the sound does not wait for a panel. One that cannot be had costs but itself."""
    from firmware import cli, panels

    try:
        made = panels.make(choice, session.desk)
    except Exception as error:  # noqa: BLE001  whatever it is, there shall be sound
        cli.complain(f"The desk runs without its panel: {cli.explain(error)[0]}")
        return
    if session.attach(made):
        panels.remember(choice)


def _course(args: argparse.Namespace, board: Board, choice: Choice | None) -> Course:
    from firmware import paths
    from firmware.session import Course
    from firmware.shared import TAP_BYTES

    frames = board.frames if args.seconds is None else max(round(args.seconds * board.size.rate_hz), 1)
    record = board.simulated or args.seconds is not None or args.report is not None
    muted = choice is not None and choice.opens != ""
    if board.simulated and not board.plan.landings:
        then = args.scene if choice is not None and choice.steps else args.scene or "band"
        at_once = args.speed == 0
        return Course(
            frames, "flat", then, record, at_once=at_once, tap_bytes=AT_ONCE_TAP_BYTES if at_once else TAP_BYTES
        )
    if board.plan.landings:
        return Course(frames, "flat", args.scene, record, wait_for_card=paths.is_appliance(), muted=muted)
    return Course(frames, args.scene, None, record, wait_for_card=paths.is_appliance(), muted=muted)


def _play(session: Session, stop: Stop) -> None:
    from firmware.display import display

    heard = session.listen()
    if session.made is not None and session.made.hands is not None:
        heard = f"Hands play it on the {session.made.panel.title[0].lower()}{session.made.panel.title[1:]}. {heard}"
    with display(session, heard) as show:
        session.run(stop, show)


class Attempts:
    """What comes after the sound: one thing that fails must not cost the others. `failed`: something did."""

    def __init__(self) -> None:
        self.failed = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Within, an error is told and remembered."""
        from firmware import cli

        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever it is, the take comes first
            cli.complain(cli.explain(error)[0])
            self.failed = True


def _finish(session: Session, folder: Path, args: argparse.Namespace, attempts: Attempts) -> int:
    """The sound first, then the figures, then the words; 0 when all went well."""
    from firmware import cli, replay, report

    heard, paths = session.board.simulated and session.recorder.frames > 0, []
    proof = flat = found = table = None
    if heard:
        with attempts.one():
            paths.append(report.write_mix(session, folder))
    if session.course.record and session.recorder.frames:
        with attempts.one():
            values = session.start_values if session.board.simulated else None
            # Where the recorder found no room the comparison would find none either: then beside the files it makes.
            scratch = folder if session.recorder.error else None
            proof, flat = replay.in_child(
                session.recorder, whole=session.ended_whole, flat_values=values, folder=scratch
            )
    if flat is not None:
        with attempts.one():
            paths.insert(0, report.write_flat(session, flat, folder))
    with attempts.one():
        film = report.write_film(session, folder)
        paths += [] if film is None else [film]
    with attempts.one():
        found = report.figures(session, proof)
        if args.report is not None:
            report.write(args.report, found)
    if args.log is not None:
        with attempts.one():
            report.write_log(args.log, session)
    if heard and flat is not None:
        with attempts.one():
            table = report.changes(session, flat)
    for line in (*session.notes, *(f"wrote {path}" for path in paths), table, found and report.one_line(found)):
        if line:
            print(line)
    if not session.ended_well:
        cli.complain("The engine did not end by itself and was ended: the sound may have broken off.")
    equal = proof is None or (found is not None and found["live_equals_offline"])
    well = session.ended_well and session.recorder.error is None and not attempts.failed
    return 0 if equal and well else 1
