"""What a card gives is compared with what was asked: alsaaudio.PCM() takes what it gets and never complains."""

from __future__ import annotations

from pathlib import Path

import alsaaudio
import pytest

from drivers.alsa import DuplexCard, Outcome
from drivers.card_config import SAMPLE_BYTES, CardConfig, card_of
from drivers.errors import CardMissing, CardRefused, ClocksApart, DriverError
from drivers.simulated.card import SimulatedCard
from tests.drivers.rig import known, rig


@pytest.mark.parametrize("sample_format", ["S16_LE", "S24_3LE", "S24_LE", "FLOAT_LE"])
def test_a_format_that_was_replaced_is_refused_with_both_sides_named(sample_format: str) -> None:
    with rig(capture_format="S32_LE") as sim:
        asked = CardConfig(sim.card.name, sim.card.name, capture_format=sample_format)
        with pytest.raises(CardRefused, match=f"for capture S32_LE, 2 .* where {sample_format}, 2 .* was asked"):
            DuplexCard(asked).open()


@pytest.mark.parametrize("sample_format", ["S16_LE", "S24_3LE", "S24_LE", "FLOAT_LE"])
def test_a_replaced_playback_format_is_refused_too(sample_format: str) -> None:
    with rig() as sim:
        asked = CardConfig(sim.card.name, sim.card.name, playback_format=sample_format)
        with pytest.raises(CardRefused, match=f"for playback S32_LE.* where {sample_format}"):
            DuplexCard(asked).open()


@pytest.mark.parametrize(("inputs", "outputs"), [(7, 8), (8, 7), (1, 8), (8, 32)])
def test_another_number_of_channels_is_refused(inputs: int, outputs: int) -> None:
    with rig(inputs=8, outputs=8) as sim:
        asked = CardConfig(sim.card.name, sim.card.name, inputs=inputs, outputs=outputs)
        with pytest.raises(CardRefused, match="8 channels"):
            DuplexCard(asked).open()


def test_another_rate_is_refused() -> None:
    with rig(rate_hz=44_100) as sim, pytest.raises(CardRefused, match=r"44100 Hz.*48000 Hz"):
        DuplexCard(CardConfig(sim.card.name, sim.card.name)).open()


def test_a_period_below_what_the_card_takes_is_refused() -> None:
    with rig(min_period_frames=128) as sim:
        with pytest.raises(CardRefused, match="period 128"):
            DuplexCard(sim.card.config(64, 3)).open()
        duplex = sim.open(sim.card.config(128, 3))
        duplex.close()


@pytest.mark.parametrize("sample_format", SAMPLE_BYTES)
@pytest.mark.parametrize(("period", "periods"), [(32, 2), (96, 3), (1024, 4)])
def test_info_tells_what_the_simulated_card_really_runs_at(sample_format: str, period: int, periods: int) -> None:
    with rig(capture_format=sample_format, inputs=5) as sim:
        pcm = alsaaudio.PCM(
            type=alsaaudio.PCM_CAPTURE, device=sim.card.name, rate=48_000, channels=5,
            format=getattr(alsaaudio, f"PCM_FORMAT_{sample_format}"), periodsize=period, periods=periods,
        )  # fmt: skip
        info = pcm.info()
        frames, data = pcm.read()
        pcm.close()
        assert (info["format_name"], info["channels"], info["rate"]) == (sample_format, 5, 48_000)
        assert (info["period_size"], info["buffer_size"], info["periods"]) == (period, period * periods, periods)
        assert (frames, len(data)) == (period, period * 5 * SAMPLE_BYTES[sample_format])


def test_a_card_that_is_not_there_is_missing() -> None:
    with rig() as sim:
        with pytest.raises(CardMissing, match="no sound card nowhere for playback"):
            DuplexCard(CardConfig("nowhere", "nowhere")).open()
        with pytest.raises(CardMissing, match="nowhere for capture"):
            DuplexCard(CardConfig(sim.card.name, "nowhere", word_clocked=True)).open()


def test_a_card_in_use_says_so() -> None:
    with rig() as sim:
        first = sim.open(sim.card.config())
        with pytest.raises(DriverError, match="held by another program"):
            DuplexCard(sim.card.config()).open()
        first.close()
        second = sim.open(sim.card.config())
        second.close()


def test_two_cards_are_two_clocks_unless_the_profile_says_otherwise(tmp_path: Path) -> None:
    with known(tmp_path, SimulatedCard(name="stage", speed=0), SimulatedCard(name="booth", speed=0)):
        with pytest.raises(ClocksApart, match="word_clocked = true"):
            DuplexCard(CardConfig("stage", "booth")).open()
        duplex = DuplexCard(CardConfig("stage", "booth", word_clocked=True))
        duplex.open()
        assert duplex.outcome is Outcome.OK
        duplex.close()


def test_one_card_has_many_names() -> None:
    names = ["hw:CARD=pisound,DEV=0", "hw:CARD=pisound", "plughw:pisound,0", "hw:pisound", "pisound"]
    assert {card_of(name) for name in names} == {"pisound"}
    assert card_of("hw:CARD=sndrpihifiberry,DEV=0") != card_of("hw:CARD=pisound,DEV=0")


def test_nonsense_is_refused_all_at_once_before_any_card_is_touched() -> None:
    with pytest.raises(CardRefused) as refused:
        CardConfig("x", "x", rate_hz=1, period_frames=0, periods=1, inputs=33, outputs=0, capture_format="U8")
    for key in ("rate_hz is 1", "period_frames is 0", "periods is 1", "inputs is 33", "outputs is 0", "'U8'"):
        assert key in str(refused.value)


def test_bytes_of_a_period() -> None:
    config = CardConfig("x", "x", inputs=18, outputs=3, capture_format="S24_3LE", playback_format="S16_LE", periods=4)
    assert config.capture_period_bytes == 64 * 18 * 3
    assert config.playback_period_bytes == 64 * 3 * 2
    assert config.buffer_frames == 256
