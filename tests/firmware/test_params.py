"""Parameter declarations: ranges, travel, texts, and that they fit the kernel."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dsp import laws, rows, slots
from firmware import params
from firmware.desk_places import path_of
from firmware.params import METERS, PARAMETERS, STRIPS, Kind, Number, Parameter, Taper, Value, reference
from firmware.params.lookup import resolve
from firmware.params.text import read, show

ROOT = Path(__file__).resolve().parents[2]
BY_NAME = {p.name: p for p in reversed(PARAMETERS) if Kind.OUTPUT not in p.kinds}
NUMBERS = sorted({p.type for p in PARAMETERS if isinstance(p.type, Number)}, key=str)


def values_of(parameter: Parameter) -> st.SearchStrategy[Value]:
    """Any value a parameter can have."""
    if isinstance(parameter.type, Number):
        low, high = parameter.type.low, parameter.type.high
        inside = st.floats(max(low, -200.0), min(high, 1e6))
        return st.one_of(inside, st.sampled_from([low, high]))
    if parameter.type.choices:
        return st.sampled_from(parameter.type.choices)
    return st.text(st.characters(categories=("L", "N", "P", "Zs"), include_characters='"\\ '), max_size=24).filter(
        str.isprintable
    )


def domain_of(parameter: Parameter) -> slots.Domain:
    """The domain of the slot that a parameter has on the first strip, output or group."""
    kind = parameter.kinds[0]
    table = {Kind.OUTPUT: slots.OUTPUT}.get(kind, slots.STRIP if kind in STRIPS else slots.DESK)
    name = parameter.name if kind in STRIPS or kind is Kind.OUTPUT else path_of(kind, 1, parameter.name)
    return next(slot.domain for slot in table if slot.name == name)


def test_each_slot_of_the_kernel_has_one_declaration_and_the_reverse() -> None:
    def declared(kind: Kind) -> list[str]:
        return sorted(p.name for p in PARAMETERS if kind in p.kinds and p.slot)

    of_strips = {name for kind in STRIPS for name in declared(kind)}
    assert of_strips == {slot.name for slot in slots.STRIP} - {"link"}  # which is the desk's structure
    assert declared(Kind.OUTPUT) == sorted(slot.name for slot in slots.OUTPUT)
    numbered = {f"{kind}.{n}.{name}" for kind in (Kind.DCA, Kind.MUTE_GROUP, Kind.EFFECT)
                for n in range(1, params.HIGHEST[kind] + 1) for name in declared(kind)}  # fmt: skip
    assert {*declared(Kind.DESK), *numbered} == {slot.name for slot in slots.DESK} - params.HIDDEN.keys()
    assert set(declared(Kind.CHANNEL)) - set(declared(Kind.BUS)) == {"source"}
    assert {name.partition(".")[0] for name in set(declared(Kind.CHANNEL)) - set(declared(Kind.MAIN))} == {
        "source", "to_main", "to_mono", "mono_level_db", "send",
    }  # fmt: skip
    templates = [template for p in PARAMETERS for template in p.templates.values()]
    templates += [template for meter in METERS for template in meter.templates.values()]
    assert len(templates) == len(set(templates))


def test_sizes_copied_from_the_kernel_are_the_kernels() -> None:
    assert (rows.MAX_CHANNELS, rows.MAX_PORTS) == (params.MAX_CHANNELS, params.MAX_PORTS)
    assert rows.MAX_PLAYS == params.MAX_PLAYS
    assert rows.LIMITER_LATENCY_FRAMES == params.LIMITER_LATENCY_FRAMES == 43


def test_what_the_kernel_reaches_in_one_step_declares_no_glide_and_all_else_twenty_milliseconds() -> None:
    for parameter in PARAMETERS:
        stepped = not parameter.slot or domain_of(parameter) is slots.Domain.STEP
        assert parameter.glide_ms == (0.0 if stepped else 20.0), parameter.name


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_every_end_of_a_range_is_a_number_the_kernel_takes(parameter: Parameter) -> None:
    if not parameter.slot:
        return
    domain = domain_of(parameter)
    for position in (0.0, 0.5, 1.0):
        value = parameter.type.at_position(position)
        assert not math.isnan(laws.into_domain(int(domain), parameter.type.to_kernel(value)))


# Low, high, default: as wide as on any console in the field
RANGES = {
    "trim_db": (-24, 24, 0),
    "delay_ms": (0, 500, 0),
    "hpf.freq_hz": (20, 2000, 80),
    "lpf.freq_hz": (20, 20000, 18000),
    "gate.threshold_db": (-80, 0, -45),
    "gate.range_db": (0, 90, 60),
    "gate.ratio": (1, 10, 2),
    "gate.hysteresis_db": (0, 12, 3),
    "gate.attack_ms": (0.05, 120, 1),
    "gate.hold_ms": (0, 2000, 20),
    "gate.release_ms": (5, 4000, 150),
    "eq.band.1.freq_hz": (20, 20000, 100),
    "eq.band.1.gain_db": (-18, 18, 0),
    "eq.band.1.q": (0.1, 16, 0.71),
    "comp.threshold_db": (-60, 0, -18),
    "comp.ratio": (1, math.inf, 3),
    "comp.knee_db": (0, 24, 6),
    "comp.attack_ms": (0.05, 200, 10),
    "comp.hold_ms": (0, 2000, 0),
    "comp.release_ms": (5, 4000, 120),
    "comp.makeup_db": (0, 24, 0),
    "comp.mix_pct": (0, 100, 100),
    "pan": (-100, 100, 0),
    "fader_db": (-math.inf, 10, -math.inf),
    "monitor.dim_db": (-40, 0, -20),
    "monitor.level_db": (-math.inf, 10, -20),
}


@pytest.mark.parametrize("name", RANGES)
def test_ranges_and_defaults_are_those_of_the_table(name: str) -> None:
    parameter = BY_NAME[name]
    assert isinstance(parameter.type, Number)
    assert (parameter.type.low, parameter.type.high, parameter.default(parameter.kinds[0])) == RANGES[name]


def test_a_desk_starts_safe_and_patched_in_order() -> None:
    assert resolve("main.lr.fader_db").default == 0.0
    assert resolve("channel.7.source").default == "in.7"
    assert [resolve(f"output.{k}.source").default for k in range(1, 6)] == [
        "main.l", "main.r", "monitor.l", "monitor.r", "none",
    ]  # fmt: skip
    assert [resolve(f"output.{k}.ceiling_dbfs").default for k in range(1, 6)] == [-1.0, -1.0, -12.0, -12.0, -1.0]
    assert [resolve(f"channel.1.eq.band.{n}.type").default for n in range(1, 7)] == [
        "low_shelf", "bell", "bell", "bell", "bell", "high_shelf",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("position", "level_db"), [(1, 10), (0.75, 0), (0.5, -10), (0.25, -30), (0.125, -50), (0.0625, -60), (0, -math.inf)]
)
def test_faders_follow_the_law_of_sound_section_2(position: float, level_db: float) -> None:
    fader = BY_NAME["fader_db"].type
    assert fader.at_position(position) == level_db
    assert fader.position(level_db) == position


def test_a_fader_that_ends_at_0_db_has_all_of_its_travel() -> None:
    level = BY_NAME["osc.level_db"].type
    assert [level.at_position(place) for place in (1, 2 / 3, 0.5, 0)] == pytest.approx([0, -10, -20, -math.inf])
    assert level.position(-10.0) == pytest.approx(2 / 3)


@given(kind=st.sampled_from(NUMBERS), position=st.floats(0, 1))
@example(kind=BY_NAME["osc.level_db"].type, position=0.75)
def test_a_control_that_goes_to_its_values_own_place_stays_where_it_is(kind: Number, position: float) -> None:
    value = kind.at_position(position)
    assert kind.low <= value <= kind.high
    at = kind.position(value)
    # Below 1e-7 of its travel a fader is at −90 dB, which is as good as its end.
    assert at == pytest.approx(position, abs=1e-6)
    assert kind.at_position(at) == pytest.approx(value, rel=1e-9, abs=1e-9) or at == 0.0


@given(kind=st.sampled_from(NUMBERS), one=st.floats(0, 1), other=st.floats(0, 1))
def test_travel_never_turns_back(kind: Number, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert kind.at_position(low) <= kind.at_position(high)


@given(data=st.data(), parameter=st.sampled_from(PARAMETERS))
def test_what_a_display_shows_reads_back_as_what_it_shows(data: st.DataObject, parameter: Parameter) -> None:
    value = data.draw(values_of(parameter))
    shown = parameter.type.show(value)
    if isinstance(parameter.type, Number):
        number = read(shown, parameter.type.unit)
        assert show(number, parameter.type.unit) == shown
        if math.isfinite(float(value)):
            assert number == pytest.approx(
                float(value), rel=0.006, abs=0.51 if parameter.type.unit in ("pan", "%") else 0.06
            )
        else:
            assert number == value
    else:
        assert parameter.type.read(shown) == value


@given(data=st.data(), parameter=st.sampled_from([p for p in PARAMETERS if p.slot]))
def test_values_come_back_from_the_kernel_as_they_went(data: st.DataObject, parameter: Parameter) -> None:
    value = data.draw(values_of(parameter))
    assert parameter.type.from_kernel(parameter.type.to_kernel(value)) == value


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (-12.5, "dB", "−12.5 dB"),
        (-0.04, "dB", "0.0 dB"),
        (-math.inf, "dB", "−∞ dB"),
        (1020, "Hz", "1.02 kHz"),
        (80, "Hz", "80.0 Hz"),
        (999.6, "Hz", "1.00 kHz"),
        (20000, "Hz", "20.0 kHz"),
        (120, "ms", "120 ms"),
        (0.05, "ms", "0.05 ms"),
        (2000, "ms", "2.00 s"),
        (math.inf, ":1", "∞:1"),
        (3, ":1", "3.00:1"),
        (-30, "pan", "L30"),
        (0.2, "pan", "C"),
        (100, "%", "100 %"),
        (-1, "dBFS", "−1.0 dBFS"),
    ],
)
def test_numbers_are_shown_as_on_a_desk(number: float, unit: str, shown: str) -> None:
    assert show(number, unit) == shown


@pytest.mark.parametrize(
    ("typed", "unit", "number"),
    [("-5", "dB", -5), ("-inf", "dB", -math.inf), ("1.5k", "Hz", None), ("1.5 kHz", "Hz", 1500), ("0,5 s", "ms", 500),
     ("12 Hz", "ms", None), ("r50", "pan", 50), ("", "dB", None), ("nan", "dB", None), ("1e3", "Hz", None),
     ("∞", ":1", math.inf), ("-3 dB", "dBFS", -3), ("7 dB", "", None)],
)  # fmt: skip
def test_typed_numbers_are_read_with_their_unit_or_refused(typed: str, unit: str, number: float | None) -> None:
    if number is None:
        with pytest.raises(ValueError, match=r"is not|has a unit"):
            read(typed, unit)
    else:
        assert read(typed, unit) == number


def test_a_click_of_an_encoder_lands_on_the_grid_and_stops_at_the_ends() -> None:
    trim = BY_NAME["trim_db"].type
    assert trim.stepped(0.1, 1) == 0.25
    assert trim.stepped(24.0, 5) == 24.0
    assert BY_NAME["hpf.freq_hz"].type.stepped(20.0, -1) == 20.0
    frequency = BY_NAME["eq.band.1.freq_hz"].type
    assert frequency.stepped(1000.0, 24) == pytest.approx(2000.0, rel=0.01)  # an octave in 24 clicks
    assert BY_NAME["hpf.slope_db_oct"].type.stepped(12, 9) == 24
    assert BY_NAME["mute"].type.stepped(False, 1) is True


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("fader_db", 10.5, "out of range: -inf to 10 dB"),
        ("fader_db", math.nan, "not a number"),
        ("fader_db", math.inf, "out of range"),
        ("trim_db", -math.inf, "out of range"),
        ("trim_db", True, "wrong type"),
        ("trim_db", [1], "wrong type"),
        ("trim_db", 10**400, "out of range"),
        ("trim_db", "3 dB", "write 3 without quotes"),
        ("mute", 1, "true or false"),
        ("hpf.slope_db_oct", 12.0, "wrong type"),
        ("hpf.slope_db_oct", True, "wrong type"),
        ("hpf.slope_db_oct", 13, "one of 6, 12, 18, 24"),
        ("source", "in.33", "none, in.1 to in.32, play.1 to play.64, osc, fx.1 to fx.8, pairs such as in.1"),
        ("source", "in.1+33", "pairs such as"),
        ("insert.slot", "io.33", "none, io.1 to io.32, pairs such as io.1"),
        ("gate.key.source", "channel.65", "self, channel.1 to channel.64, bus.1"),
        ("name", "x" * 25, "too long"),
        ("name", "a\x1b[2J", "cannot be shown"),
    ],
)
def test_what_a_parameter_cannot_be_is_refused_with_the_reason(name: str, value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("[", r"\[")):
        BY_NAME[name].type.check(value)


def test_whole_numbers_and_negative_zero_become_plain_floats() -> None:
    checked = BY_NAME["trim_db"].type.check(-0.0)
    assert math.copysign(1.0, float(checked)) == 1.0
    assert type(BY_NAME["trim_db"].type.check(3)) is float


def test_paths_are_found_only_where_a_desk_can_have_them() -> None:
    assert resolve("channel.64.eq.band.6.q").number == 64
    for path in (
        "channel.65.mute", "channel.0.mute", "channel.01.mute", "channel.N.mute", "channel.1", "main.lr.source",
        "output.33.source", "channel.1.mute.x", "", "eq.on", "bus.3.send.3.on", "bus.5.send.2.tap", "bus.17.mute",
        "dca.9.mute", "fx.1", "channel.1.send.17.on", "main.mono.pan", "matrix.1.to_main", "channel.1.eq.band.7.q",
    ):  # fmt: skip
        with pytest.raises(KeyError):
            resolve(path)


def test_the_written_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "parameters.md").read_text("utf-8") == reference.markdown()


def test_the_reference_for_programs_is_json_and_names_everything() -> None:
    told = json.loads(json.dumps(reference.as_json(), allow_nan=False))
    assert told["limiter_latency_frames"] == 43
    paths = {one["path"] for one in told["parameters"]}
    assert paths == {template for p in PARAMETERS for template in p.templates.values()}
    by_path = {one["path"]: one for one in told["parameters"]}
    assert by_path["channel.N.fader_db"]["low"] == "-inf"
    assert by_path["main.lr.fader_db"]["scene"] is False
    assert by_path["channel.N.eq.band.2.freq_hz"]["taper"] == Taper.LOG


def test_the_reference_needs_neither_numpy_nor_a_compiler() -> None:
    program = "import sys; from firmware.params import reference; reference.text(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
