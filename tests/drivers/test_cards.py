"""Profiles, the cards the kernel shows, and waiting for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.card_profile import CardProfile, load_profiles
from drivers.cards import CardPresent, config_for, detect, fits, match, wait_for
from drivers.errors import CardMissing, CardRefused, ProfileError

STREAM = """\
Focusrite Scarlett 18i20 USB at usb-xhci-hcd.1-1, high speed : USB Audio

Playback:
  Status: Stop
  Interface 1
    Altset 1
    Format: S32_LE
    Channels: 20
    Endpoint: 0x01 (1 OUT) (ASYNC)
    Rates: 44100, 48000, 88200, 96000
    Data packet interval: 125 us
    Bits: 24
  Interface 1
    Altset 2
    Format: S32_LE
    Channels: 10
    Rates: 176400, 192000

Capture:
  Status: Stop
  Interface 2
    Altset 1
    Format: S24_3LE
    Channels: 18
    Endpoint: 0x82 (2 IN) (ASYNC)
    Rates: 8000 - 96000 (continuous)
  Interface 2
    Altset 2
    Format: S32_LE
    Channels: 2
    Rates: 48000
"""


def proc(folder: Path, *cards: tuple[str, str, bool]) -> Path:
    """A /proc/asound with these cards: id, name, USB or not."""
    folder.mkdir(exist_ok=True)
    lines = []
    for number, (card_id, name, usb) in enumerate(cards):
        lines += [f"{number:2} [{card_id:15}]: Driver - {name}", f"                      {name} at somewhere"]
        card = folder / f"card{number}"
        (card / "pcm0p").mkdir(parents=True)
        if "HDMI" not in name:
            (card / "pcm0c").mkdir()
        (card / "id").write_text(card_id + "\n")
        if usb:
            (card / "usbid").write_text("1235:8215\n")
            (card / "stream0").write_text(STREAM)
    (folder / "cards").write_text("\n".join(lines) + "\n")
    return folder


HDMI = ("vc4hdmi0", "vc4-hdmi-0 HDMI", False)
PRO = ("sndrpihifiberry", "snd_rpi_hifiberry_dacplusadcpro", False)
USB = ("USB", "Scarlett 18i20 USB", True)


def test_every_card_that_is_known_has_a_profile() -> None:
    """With the chips, lines and buses that are its own, and the controls that have to be set before it sounds."""
    profiles = load_profiles()
    assert set(profiles) == {
        "hifiberry-dacplusadc", "hifiberry-dacplusadcpro", "hifiberry-dac8x-adc8x", "audioinjector-stereo", "pisound",
        "codec-zero", "usb", "simulated",
    }  # fmt: skip
    assert profiles["hifiberry-dacplusadcpro"].i2c == (0x4A, 0x4D)
    assert profiles["hifiberry-dacplusadcpro"].capture_formats == ("S32_LE", "S16_LE")
    assert set(profiles["hifiberry-dac8x-adc8x"].gpio) == {5, *range(18, 28)}
    assert {12, 13, 16, 17, 24, 25, 26} <= set(profiles["pisound"].gpio)
    assert profiles["pisound"].spi == ("SPI0",)
    needed = {control.name for control in profiles["audioinjector-stereo"].control}
    assert needed == {"Output Mixer HiFi", "Line", "Master", "Capture", "Input Mux"}


def test_every_profile_is_usable_as_it_stands() -> None:
    for profile in load_profiles().values():
        config = config_for(replace(profile, pcm="x", kind="simulated", inputs=2, outputs=2), None)
        assert config.rate_hz == 48_000
        assert config.period_frames == 64


def test_the_cards_that_are_there_are_found_by_id_never_by_number(tmp_path: Path) -> None:
    cards = detect(proc(tmp_path / "a", HDMI, PRO, USB))
    assert [(card.card_id, card.usb, card.capture) for card in cards] == [
        ("vc4hdmi0", False, False),
        ("sndrpihifiberry", False, True),
        ("USB", True, True),
    ]
    assert detect(tmp_path / "none") == []
    other_order = detect(proc(tmp_path / "b", PRO, HDMI))
    for found in (cards, other_order):
        chosen = match(load_profiles(), found)
        assert chosen
        config = config_for(*chosen)
        assert config.playback_device == config.capture_device == "hw:CARD=sndrpihifiberry,DEV=0"


def test_cards_that_share_an_id_are_told_apart_by_name(tmp_path: Path) -> None:
    profiles = load_profiles()
    plain = ("sndrpihifiberry", "snd_rpi_hifiberry_dacplusadc", False)
    for number, (card, key) in enumerate(((PRO, "hifiberry-dacplusadcpro"), (plain, "hifiberry-dacplusadc"))):
        (present,) = detect(proc(tmp_path / str(number), card))
        assert [k for k, profile in profiles.items() if fits(profile, present)] == [key]


def test_a_second_card_of_the_same_kind_is_known_by_its_numbered_id(tmp_path: Path) -> None:
    (card,) = detect(proc(tmp_path / "p", ("pisound_1", "pisound", False)))
    assert fits(load_profiles()["pisound"], card)


def test_a_card_that_cannot_capture_is_no_desk(tmp_path: Path) -> None:
    dac_only = ("sndrpihifiberry", "snd_rpi_hifiberry_dac8x", False)
    folder = proc(tmp_path / "p", dac_only)
    (folder / "card0" / "pcm0c").rmdir()
    assert match(load_profiles(), detect(folder)) is None


def test_a_usb_card_tells_its_own_channels_and_formats(tmp_path: Path) -> None:
    (card,) = detect(proc(tmp_path / "p", USB))
    profile = load_profiles()["usb"]
    config = config_for(profile, card)
    assert (config.inputs, config.outputs) == (18, 20)
    assert (config.capture_format, config.playback_format) == ("S24_3LE", "S32_LE")
    assert config_for(replace(profile, inputs=2), card).inputs == 2
    with pytest.raises(CardRefused, match="offers for capture"):
        config_for(replace(profile, rates_hz=(192_000,)), card)


def test_a_rate_or_period_the_card_has_not_is_refused_before_opening() -> None:
    profile = load_profiles()["simulated"]
    with pytest.raises(CardRefused, match="does not run at 32000 Hz"):
        config_for(profile, None, rate_hz=32_000)
    with pytest.raises(CardRefused, match="choose 32 or more"):
        config_for(profile, None, period_frames=16)
    with pytest.raises(CardMissing, match="is not there"):
        config_for(load_profiles()["pisound"], None)


def test_a_card_that_comes_up_late_is_waited_for(tmp_path: Path) -> None:
    folder, looks = proc(tmp_path / "p", HDMI, PRO), []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            (folder / "late").rename(folder / "cards")

    folder.joinpath("cards").rename(folder / "late")
    times = iter(range(10))
    card = wait_for("sndrpihifiberry", 5, asound=folder, tick=look, sleep=lambda _: None, clock=lambda: next(times))
    assert isinstance(card, CardPresent)
    assert len(looks) == 3


def test_a_card_that_never_comes_is_missing_with_those_that_are_there_named(tmp_path: Path) -> None:
    times = iter([0.0, 1.0, 2.0, 3.0])
    with pytest.raises(CardMissing, match="no sound card pisound after 2 s, only vc4hdmi0"):
        wait_for("pisound", 2, asound=proc(tmp_path / "p", HDMI), sleep=lambda _: None, clock=lambda: next(times))
    with pytest.raises(CardMissing, match="that fits after 0 s, only none at all"):
        wait_for(lambda _: False, 0, asound=tmp_path / "none")


def test_all_faults_of_all_profiles_are_told_at_once_with_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(
        'title = "One"\nkind = "i2s"\ncard_id = ["x"]\ninputs = "2"\noutputs = 2\ngpio = [3, 40]\nwordclocked = true\n'
        '[[control]]\nplayback_db = 0\n[[control]]\nname = "Digital"\n[[control]]\nname = "A"\nplayback_switch = 1\n'
    )
    (tmp_path / "two.toml").write_text('title = "Two"\nkind = "isa"\ncapture_formats = ["U8"]\nrates_hz = []\n')
    (tmp_path / "three.toml").write_text("title = \n")
    (tmp_path / "four.toml").write_text('title = "Four"\nkind = "i2s"\ngpio = [40]\ni2c = [0x99]\n')
    with pytest.raises(ProfileError) as raised:
        load_profiles(tmp_path)
    text = str(raised.value)
    for fault in (
        "one.toml: unknown key card_id, did you mean card_ids?",
        "one.toml: unknown key wordclocked, did you mean word_clocked?",
        "one.toml: inputs = '2' is not a whole number",
        "one.toml: control 1: name is missing",
        "one.toml: control 2: says nothing to set",
        "one.toml: control 3: playback_switch = 1 is not true or false",
        "two.toml: kind = 'isa' is none of i2s, usb, simulated",
        "two.toml: capture_formats = 'U8' is none of S16_LE",
        "two.toml: rates_hz is empty",
        "three.toml: Invalid value",
        "four.toml: overlay is missing",
        "four.toml: card_ids is missing",
        "four.toml: inputs is missing",
        "four.toml: gpio = 40 is not 0 to 27",
        "four.toml: i2c = 153 is not 8 to 119",
    ):
        assert fault in text


def test_a_later_folder_wins(tmp_path: Path) -> None:
    from drivers.card_profile import default_folder

    (tmp_path / "usb.toml").write_text('title = "Mine"\nkind = "usb"\ncard_ids = ["USB"]\n')
    profiles = load_profiles(default_folder(), tmp_path)
    assert profiles["usb"].title == "Mine"
    assert isinstance(profiles["pisound"], CardProfile)
