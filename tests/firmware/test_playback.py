"""Stems: where the files of a folder land on a desk, what their strips are called and hear, and what is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from drivers import cards
from drivers.card_profile import load_profiles
from firmware import boards, cli, desk_config, playback, scene
from firmware.boards import Wish
from firmware.desk_config import DeskConfig
from firmware.desk_model import DeskModel
from firmware.errors import AudioFileError, UsageError
from firmware.params import Kind
from firmware.playback import Plan, folder_of, plan, strip_name

DESK = DeskConfig(16, 8, 2, 2, 48000, 64, 3, "auto")


def write(folder: Path, *names: str, channels: int = 1, rate_hz: int = 48000, frames: int = 480) -> Path:
    """Sound files of these names."""
    folder.mkdir(exist_ok=True)
    for name in names:
        soundfile.write(folder / name, np.full((frames, channels), 0.1), rate_hz)
    return folder


def stems(count: int, folder: Path) -> Path:
    return write(folder, *(f"{n:02}-Stem {n}.wav" for n in range(1, count + 1)))


def landed(found: Plan) -> list[tuple[str, int, int, bool]]:
    return [(one.name, one.channel, one.play, one.stereo) for one in found.landings]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("03-snare_top.wav", "Snare top"),
        ("1.  Kick in.flac", "Kick in"),
        ("12.wav", "12"),
        ("01_.wav", "01"),
        ("2nd guitar.wav", "2nd guitar"),
        ("05-808 kick.wav", "808 kick"),
        ("01-02_tom.wav", "Tom"),
        ("OH-L.wav", "OH L"),
        ("a name that is longer than a display.wav", "A name that is longer th"),
        ("[red]bell\x07.wav", "[red]bell?"),
        ("сопрано.wav", "Сопрано"),
    ],
)
def test_a_strip_is_called_after_its_file(file: str, name: str) -> None:
    assert strip_name(Path(file)) == name


def test_mono_files_land_one_by_one_and_stereo_ones_on_the_next_odd_channel(tmp_path: Path) -> None:
    write(tmp_path / "s", "01-Kick.wav", "02-Snare.flac", "04-Bass.ogg")
    write(tmp_path / "s", "03-Keys.wav", "05-Room.aiff", channels=2)
    (tmp_path / "s" / "notes.txt").write_text("no sound")
    (tmp_path / "s" / ".hidden.wav").write_text("no sound")
    found = plan(tmp_path / "s", 3, 16)
    assert landed(found) == [
        ("Kick", 3, 1, False),
        ("Snare", 4, 2, False),
        ("Keys", 5, 3, True),
        ("Bass", 7, 5, False),
        ("Room", 9, 6, True),
    ]
    assert found.plays == 7
    assert found.stereo == [(Kind.CHANNEL, 5), (Kind.CHANNEL, 9)]
    assert found.defaults()["channel.5.source"] == "play.3+4"
    assert found.defaults()["channel.7.name"] == "Bass"


def test_a_mono_file_takes_both_sides_of_a_pair_that_is_joined_already(tmp_path: Path) -> None:
    joined = [(Kind.CHANNEL, 3), (Kind.CHANNEL, 7), (Kind.BUS, 5)]
    found = plan(stems(4, tmp_path / "s"), 4, 8, joined)
    assert [(one.channel, one.play) for one in found.landings] == [(5, 1), (6, 2), (7, 3)]
    assert [file.name for file in found.left_out] == ["04-Stem 4.wav"]


def test_what_finds_no_channel_is_named_and_the_rest_is_played(tmp_path: Path) -> None:
    folder = stems(5, tmp_path / "s")
    write(folder, "03-Surround.wav", channels=6)
    write(folder, "06-Wide.wav", channels=2)
    found = plan(folder, 5, 8)
    assert [one.name for one in found.landings] == ["Stem 1", "Stem 2", "Stem 3", "Stem 4"]
    assert found.warnings(8) == [
        "Stems are mono or stereo; split 03-Surround.wav into such files.",
        "A desk of 8 channels has none left for 05-Stem 5.wav, 06-Wide.wav; make it larger (--size).",
    ]


def test_a_plan_has_no_more_playback_channels_than_a_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playback, "MAX_PLAYS", 3)
    found = plan(stems(4, tmp_path / "s"), 1, 16)
    assert (found.plays, [file.name for file in found.left_out]) == (3, ["04-Stem 4.wav"])


def test_a_folder_without_a_stem_for_this_desk_is_told(tmp_path: Path) -> None:
    for folder, sentence in (
        (tmp_path / "none", "is not a folder"),
        (write(tmp_path / "empty"), "There is no sound file in"),
        (write(tmp_path / "wide", "a.wav", channels=3), "split a.wav into such files"),
        (stems(1, tmp_path / "s"), "A desk of 8 channels has none left for 01-Stem 1.wav"),
    ):
        with pytest.raises(AudioFileError, match=sentence):
            plan(folder, 9, 8)
    cut = write(tmp_path / "cut", "a.wav") / "a.wav"
    cut.write_bytes(cut.read_bytes()[:200])
    with pytest.raises(AudioFileError, match=r"a\.wav is cut off"):
        plan(tmp_path / "cut", 1, 8)


def test_every_stem_that_cannot_be_read_is_named_at_once(tmp_path: Path) -> None:
    folder = stems(3, tmp_path / "s")
    for name in ("01-Stem 1.wav", "03-Stem 3.wav"):
        (folder / name).write_bytes(b"no sound")
    with pytest.raises(AudioFileError) as wrong:
        plan(folder, 1, 8)
    assert [Path(problem.file).name for problem in wrong.value.problems] == ["01-Stem 1.wav", "03-Stem 3.wav"]
    with pytest.raises(AudioFileError, match=r"(?s)01-Stem 1\.wav.*\n.*03-Stem 3\.wav"):
        boards.find(Wish(hear=folder), DESK)


def test_what_is_only_called_like_a_stem_is_told_and_the_rest_is_played(tmp_path: Path) -> None:
    folder = stems(2, tmp_path / "s")
    (folder / "00-room.wav").mkdir()
    (folder / "09-gone.wav").symlink_to(tmp_path / "nowhere.wav")
    found = plan(folder, 1, 8)
    assert [one.name for one in found.landings] == ["Stem 1", "Stem 2"]
    said = [
        f"00-room.wav in {folder} is a folder, no sound file: it is not heard.",
        f"09-gone.wav in {folder} is a link that leads nowhere, no sound file: it is not heard.",
    ]
    assert found.warnings(8) == said
    board = boards.find(Wish(hear=folder), DESK)
    board.close()
    assert board.warnings == said
    write(tmp_path / "other")
    (tmp_path / "other" / "dir.wav").mkdir()
    with pytest.raises(AudioFileError, match="There is no sound file in"):
        plan(tmp_path / "other", 1, 8)


def test_usb_is_the_first_folder_with_sound_on_a_stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media, more = tmp_path / "media", tmp_path / "mnt"
    monkeypatch.setattr(playback, "USB_ROOTS", (media, more, tmp_path / "none"))
    with pytest.raises(AudioFileError, match="There is no USB stick with sound files here"):
        folder_of("usb")
    (media / "pi" / "PHOTOS").mkdir(parents=True)
    (more / "stick").mkdir(parents=True)
    write(more / "stick", "a.wav")
    assert folder_of("usb") == more / "stick"
    write(media / "pi" / "PHOTOS" / "song", "b.wav")
    assert folder_of("usb") == media / "pi" / "PHOTOS" / "song"
    assert folder_of(str(tmp_path)) == tmp_path
    with pytest.raises(AudioFileError, match="no home folder"):
        folder_of("~nobody-of-that-name/stems")


# --- the desk it makes ----------------------------------------------------------------------------------------------


def practice(folder: Path, desk: DeskConfig = DESK) -> tuple[boards.Board, DeskModel]:
    board = boards.find(Wish("simulated", str(folder)), desk)
    board.close()
    return board, boards.model(board, desk)


def test_a_two_input_card_becomes_a_sixteen_strip_desk_to_practise_on(tmp_path: Path) -> None:
    """DESIGN §5: on a two-input card the default patch is in.1–2, then play.1–14."""
    board, model = practice(stems(14, tmp_path / "s"))
    assert (board.size.channels, board.size.inputs, board.size.plays) == (16, 2, 14)
    assert [model.get(f"channel.{n}.source") for n in range(1, 17)] == [
        "in.1", "in.2", *(f"play.{k}" for k in range(1, 15)),
    ]  # fmt: skip
    assert [model.get(f"channel.{n}.name") for n in (1, 2, 3, 16)] == ["", "", "Stem 1", "Stem 14"]
    assert board.warnings == []
    assert model.differences() == {}


def test_a_stereo_stem_makes_a_stereo_channel_and_one_left_between_hears_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "s", "1 Kick.wav")
    write(folder, "2 Keys.wav", channels=2)
    board, model = practice(folder)
    assert board.size.plays == 3
    assert model.stereo == {(Kind.CHANNEL, 5)}
    assert [model.get(f"channel.{n}.source") for n in (3, 4, 5, 7)] == ["play.1", "none", "play.2+3", "none"]


def test_a_desk_that_plays_stems_keeps_them_on_its_channels_when_pairs_are_joined_or_parted(tmp_path: Path) -> None:
    """What `link` and then `scene recall flat` leave: two mono stems and a stereo one, on mono and on stereo strips."""
    folder = stems(2, tmp_path / "s")
    write(folder, "03 Keys.wav", channels=2)
    _, model = practice(folder)
    flat = scene.load(scene.find("flat"))
    for pair, stereo in (((Kind.CHANNEL, 5), False), ((Kind.CHANNEL, 3), True)):
        model.link(pair, stereo)
    scene.apply(model, flat)
    assert [model.get(f"channel.{n}.source") for n in (3, 5, 6)] == ["play.1+2", "play.3", "play.4"]
    assert {path for path in model.differences() if path.endswith(".source")} == set()


def test_stems_take_the_channels_they_land_on_whatever_else_these_hear_on_a_larger_card(tmp_path: Path) -> None:
    strips = {
        "channel.3.source": "in.3",
        "channel.3.colour": "red",
        "channel.3.name": "Kick",
        "channel.9.source": "in.1",
    }
    _, model = practice(stems(2, tmp_path / "s"), DeskConfig(**{**vars(DESK), "strips": strips}))
    assert [model.get(f"channel.3.{name}") for name in ("source", "colour", "name")] == ["play.1", "red", "Stem 1"]
    assert [model.get(f"channel.{n}.source") for n in (4, 5, 9)] == ["play.2", "none", "in.1"]


def test_more_stems_than_channels_are_a_warning_that_names_those_left_out(tmp_path: Path) -> None:
    board, _ = practice(stems(16, tmp_path / "s"))
    assert board.warnings == [
        "A desk of 16 channels has none left for 15-Stem 15.wav, 16-Stem 16.wav; make it larger (--size)."
    ]


def real(desk: DeskConfig, monkeypatch: pytest.MonkeyPatch, play: str | None) -> boards.Board:
    """The board of a card with two inputs and outputs, as far as it can be found out without one."""
    from drivers.simulated.card import SimulatedCard

    profile = load_profiles()["usb"]
    card = cards.CardPresent(0, "Two", "Two", usb=False, playback=True, capture=True, folder=Path())
    monkeypatch.setattr(cards, "config_for", lambda *_, **__: SimulatedCard(inputs=2, outputs=2).config())
    monkeypatch.setattr(boards, "set_controls", lambda *_: [])
    return boards.real(profile, card, desk, play)


def test_configured_stems_that_are_not_there_leave_a_desk_that_runs_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk that would not start because a stick is missing would be silent at the gig."""
    monkeypatch.setattr(playback, "USB_ROOTS", (tmp_path / "media",))
    desk = DeskConfig(**{**vars(DESK), "play": "usb"})
    board = real(desk, monkeypatch, None)
    assert (board.plan, board.size.plays) == (Plan(), 0)
    assert board.warnings == [
        "There is no USB stick with sound files here; put one in, or name a folder. The desk runs without stems."
    ]
    with pytest.raises(AudioFileError, match="no USB stick"):
        real(DESK, monkeypatch, "usb")  # asked for now: then it is an error
    (tmp_path / "media").mkdir()
    stems(3, tmp_path / "media" / "stick")
    assert real(desk, monkeypatch, None).size.plays == 3
    assert real(desk, monkeypatch, "").size.plays == 0  # --play "": not today


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere", "nowhere is not a folder; a folder of sound files is needed."),
        ("empty", "There is no sound file in"),
    ],
)
def test_a_run_with_stems_that_are_not_there_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert cli.main(["run", "--board", "simulated", "--play", name]) == 1
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


def test_sound_files_to_hear_need_the_simulated_board(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = load_profiles()["usb"], cards.CardPresent(0, "Two", "Two", True, True, True, Path())
    monkeypatch.setattr(boards, "_named", lambda *_: found)
    with pytest.raises(UsageError, match="--hear needs the simulated board: leave --board out"):
        boards.find(Wish("usb", hear=tmp_path), DESK)
    board = boards.find(Wish(hear=stems(3, tmp_path / "s")), DESK)  # no board named: then it is that one
    board.close()
    assert (board.simulated, board.size.inputs, board.plan) == (True, 16, Plan())


def test_the_simulated_board_plays_the_configured_stems_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = DeskConfig(**{**vars(DESK), "play": str(stems(3, tmp_path / "s"))})
    board = boards.find(Wish("simulated"), desk)
    board.close()
    assert (len(board.plan.landings), board.size.plays, board.size.inputs) == (3, 3, 2)
    assert board.title == f"the simulated board, playing {tmp_path / 's'}"
    board = boards.find(Wish("simulated", hear=tmp_path / "s"), desk)
    board.close()
    assert board.plan == Plan()
    assert board.warnings == ["With --hear the stems that desk.toml names are not played; --play names some beside it."]
    monkeypatch.setattr("firmware.stems.band", lambda *_: (tmp_path / "band.s32", 480))
    (tmp_path / "band.s32").write_bytes(bytes(4 * 16 * 480))
    board = boards.find(Wish("simulated"), DeskConfig(**{**vars(DESK), "play": str(tmp_path / "gone")}))
    board.close()
    assert board.title == "the simulated board, the band playing"
    assert "gone is not a folder" in board.warnings[0]
    assert board.warnings[0].endswith("The desk runs without stems.")


def test_no_folder_to_play_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware.stems.band", lambda *_: (tmp_path / "band.s32", 480))
    (tmp_path / "band.s32").write_bytes(bytes(4 * 16 * 480))
    board = boards.find(Wish("simulated", ""), DESK)
    board.close()
    assert (board.title, board.plan) == ("the simulated board, the band playing", Plan())


def test_the_configured_playback_channels_are_there_without_any_stems() -> None:
    desk = DeskConfig(**{**vars(DESK), "plays": 4})
    size = boards.sized(desk, 2, 2, Plan())
    assert size.plays == 4
    assert desk.model(size).get("channel.6.source") == "play.4"
    assert desk_config.load().plays is None
