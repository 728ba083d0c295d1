"""The band: a song with form and pulse, the faults its table names, and a scene that repairs them."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware import band, loudness, measure
from firmware.band import problems, song, synth
from tests.firmware import band_once
from tests.firmware.band_once import RATE_HZ, track

BAR = round(song.BAR_S * RATE_HZ)


def lufs(x: NDArray[np.float32]) -> float:
    return measure.measure(x, RATE_HZ).loudness_lufs


def rms_dbfs(x: NDArray[np.float32]) -> float:
    return 10.0 * float(np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-20))


def band_rms_dbfs(x: NDArray[np.float32], low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(x.astype(np.float64))) ** 2
    hz = np.fft.rfftfreq(len(x), 1.0 / RATE_HZ)
    return 10.0 * float(np.log10(2.0 * np.sum(power[(hz >= low_hz) & (hz < high_hz)]) / len(x) ** 2 + 1e-20))


def test_sixteen_tracks_of_forty_seconds_within_full_scale() -> None:
    x = band_once.tracks()
    assert x.shape == (1920000, 16)
    assert x.dtype == np.float32
    assert np.all(np.isfinite(x))
    assert np.max(np.abs(x)) <= 1.0
    assert len(set(band.NAMES)) == 16


def test_every_run_makes_the_same_bits() -> None:
    first, second = (hashlib.sha256(band.tracks(8000)[1].tobytes()).digest() for _ in range(2))
    assert first == second


def test_it_is_the_same_song_at_another_rate() -> None:
    low = band.tracks(24000)[1]
    assert len(low) == 960000
    for n, name in enumerate(band.NAMES):
        if name not in ("Hi-hat", "Shaker", "Tambourine"):  # those live above half of 24 kHz
            assert rms_dbfs(low[:, n]) == pytest.approx(rms_dbfs(band_once.tracks()[:, n]), abs=2.0), name


def test_a_rate_too_low_is_refused() -> None:
    with pytest.raises(ValueError, match="8000"):
        band.tracks(4000)


def test_the_choruses_are_louder_than_verse_and_bridge_and_those_than_the_intro() -> None:
    level: dict[str, float] = {}
    bar = 0
    for name, bars in song.FORM:
        level.setdefault(name, lufs(band_once.mix("band")[bar * BAR : (bar + bars) * BAR]))
        bar += bars
    assert level["chorus"] > level["verse"] + 1.0
    assert level["chorus"] > level["bridge"] + 2.0
    assert level["verse"] > level["intro"] + 3.0


def test_the_pulse_is_108_beats_a_minute() -> None:
    drums = track("Kick") + track("Snare")
    frames = np.abs(drums[: len(drums) // 480 * 480]).reshape(-1, 480).max(axis=1)
    onset = np.maximum(np.diff(frames), 0.0)
    onset -= onset.mean()
    same = np.correlate(onset, onset, "full")[len(onset) :]
    lags = np.arange(1, len(same) + 1)
    tempo = 60.0 * 100.0 / lags
    sensible = (tempo > 60.0) & (tempo < 180.0)
    assert tempo[sensible][np.argmax(same[sensible])] == pytest.approx(108.0, rel=0.01)


def test_strings_are_in_tune() -> None:
    """A2 plucked: its harmonics lie at multiples of 110 Hz to a thirtieth of a semitone."""
    note = synth.pluck(1, 110.0, 2.0, RATE_HZ, 2.5, 2400.0, 0.13)
    power = np.abs(np.fft.rfft(note * np.hanning(len(note)), 1 << 19))
    hz = np.fft.rfftfreq(1 << 19, 1.0 / RATE_HZ)
    for harmonic in (1, 2, 3, 5):
        near = np.abs(hz - 110.0 * harmonic) < 40.0
        assert hz[near][np.argmax(power[near])] == pytest.approx(110.0 * harmonic, rel=0.002)


def test_the_voice_sings_the_written_notes() -> None:
    """The long C5 of the chorus: vibrato and drift stay within a third of a semitone around 523.25 Hz."""
    start = round((song.time_s(6, 0.0) + 0.25) * RATE_HZ)
    note = track("Lead voice")[start : start + RATE_HZ // 3]
    power = np.abs(np.fft.rfft(note * np.hanning(len(note)), 1 << 18))
    hz = np.fft.rfftfreq(1 << 18, 1.0 / RATE_HZ)
    near = (hz > 450.0) & (hz < 620.0)
    assert hz[near][np.argmax(power[near])] == pytest.approx(523.25, rel=0.02)


def test_tracks_are_recorded_at_the_levels_of_the_table() -> None:
    for name, peak_dbfs in problems.PEAKS_DBFS.items():
        assert measure.to_db(float(np.max(np.abs(track(name))))) == pytest.approx(min(peak_dbfs, 0.0), abs=0.8), name


def test_the_bass_is_clipped_and_nothing_else_is() -> None:
    clipped = np.count_nonzero(np.abs(band_once.tracks()) >= 1.0, axis=0)
    assert clipped[band.NAMES.index("Bass")] > 1000
    assert np.sum(clipped) == clipped[band.NAMES.index("Bass")]


def test_the_snare_rings_at_the_stated_frequency() -> None:
    assert band_once.prominence_db(track("Snare"), RATE_HZ, problems.SNARE_RING_HZ) > 15.0


def test_guitar_and_keys_hiss_where_nothing_is_played() -> None:
    intro = slice(round(0.3 * RATE_HZ), round(3.0 * RATE_HZ))
    assert rms_dbfs(track("Rhythm guitar")[intro]) == pytest.approx(problems.GUITAR_HISS_RMS_DBFS, abs=1.0)
    assert band_rms_dbfs(track("Keys")[intro], 12000.0, 20000.0) > problems.KEYS_HISS_RMS_DBFS - 8.0


def test_the_voice_swings_rumbles_and_hears_the_drums() -> None:
    voice = track("Lead voice")
    loudest = [measure.to_db(float(np.max(np.abs(voice[b * BAR : (b + 1) * BAR])))) for b in (2, 7)]
    assert loudest[1] - loudest[0] > 7.0
    assert np.ptp(problems.phrase_levels_db()) == problems.VOICE_SWING_DB
    before = voice[: 2 * BAR]
    assert band_rms_dbfs(before, 15.0, 50.0) == pytest.approx(problems.RUMBLE_RMS_DBFS, abs=1.5)
    bridge = slice(round((10 * song.BAR_S + 0.5) * RATE_HZ), 12 * BAR)  # the singer rests, the drums do not
    heard, kit = (np.fft.rfft(np.diff(sound[bridge]), 1 << 18) for sound in (voice, track("Overheads")))
    alike = np.fft.irfft(heard * np.conj(kit))
    assert int(np.argmax(alike[:4800])) == pytest.approx(480, abs=2)  # 10 ms of air between the kit and the singer


def test_the_tambourine_is_harsh_at_the_stated_frequency() -> None:
    jingles = track("Tambourine")
    near = band_rms_dbfs(jingles, problems.HARSH_HZ * 0.9, problems.HARSH_HZ * 1.1)
    assert near > band_rms_dbfs(jingles, 4000.0, 6000.0) + 6.0


def test_the_mix_has_less_mud_and_more_presence_than_flat() -> None:
    flat, mixed = (measure.measure(band_once.mix(name), RATE_HZ) for name in ("flat", "band"))
    assert mixed.band_share_db["mud"] < flat.band_share_db["mud"] - 2.0
    assert mixed.band_share_db["presence"] > flat.band_share_db["presence"] + 1.5


def test_the_mix_is_as_loud_as_music_should_be_and_does_not_lean_on_the_limiter() -> None:
    found = measure.measure(band_once.mix("band"), RATE_HZ)
    assert -18.0 < found.loudness_lufs < -14.0
    assert -6.0 < found.true_peak_dbtp < -1.5  # the ceiling is −1: the limiter has nothing to do
    assert found.crest_db > 12.0
    assert measure.measure(band_once.mix("flat"), RATE_HZ).range_lu > found.range_lu + 2.0


def test_the_mix_holds_the_voice_and_takes_the_ring_out_of_the_snare() -> None:
    seconds = (2 * song.BAR_S, 9 * song.BAR_S)
    voice = [
        band_once.level_range_db(band_once.alone(s, "Lead voice", seconds), RATE_HZ, 0.1, -24.0)
        for s in ("flat", "band")
    ]
    assert voice[0] > 15.0
    assert voice[1] < voice[0] - 7.0
    ring = [
        band_once.prominence_db(band_once.alone(s, "Snare", seconds), RATE_HZ, problems.SNARE_RING_HZ)
        for s in ("flat", "band")
    ]
    assert ring[1] < ring[0] - 10.0


def test_the_gates_silence_the_guitars_hiss_and_the_toms_bleed() -> None:
    hiss = [rms_dbfs(band_once.alone(s, "Rhythm guitar", (0.0, 4.0))[RATE_HZ:]) for s in ("flat", "band")]
    assert hiss[1] < hiss[0] - 10.0
    bleed = [rms_dbfs(band_once.alone(s, "Toms", (4 * song.BAR_S, 8 * song.BAR_S))[RATE_HZ:]) for s in ("flat", "band")]
    assert bleed[1] < bleed[0] - 15.0


def test_hop_energies_do_not_depend_on_how_the_sound_was_cut() -> None:
    x = band_once.mix("band")[: 5 * RATE_HZ]
    whole, pieces = loudness.HopEnergies(RATE_HZ, 2), loudness.HopEnergies(RATE_HZ, 2)
    whole.add(x)
    for start in range(0, len(x), 7777):
        pieces.add(x[start : start + 7777])
    np.testing.assert_allclose(whole.hops(), pieces.hops(), rtol=1e-9, atol=1e-14)
