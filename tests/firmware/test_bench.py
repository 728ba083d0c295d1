"""`pidesk bench`: what it measures is what it says, whatever the machine's speed. No figure is judged here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dsp import ring as rings
from dsp import slots
from dsp.size import DeskSize
from firmware import bench, bench_desk, bench_report, cli
from firmware.errors import SetupError

KEYS = {
    "strip_ns",
    "strip_ns_moving",
    "strip_ns_more",
    "strip_ns_more_moving",
    "denormal_ratio",
    "render_x_realtime",
    "render_x_realtime_everything",
    "cold_compile_s",
    "warm_start_s",
    "block_median_of_deadline",
    "block_median_of_deadline_moving",
    "console_median_of_deadline",
    "off_the_line_over_strips",
    "off_the_line_over_buses",
    "sizes",
    "machine",
}


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What `pidesk bench --quick` writes, and where its picture is."""
    folder = tmp_path_factory.mktemp("bench")
    assert cli.main(["bench", "--quick", "--json", str(folder / "b.json"), "--plot", str(folder / "b.png")]) == 0
    return json.loads((folder / "b.json").read_text("utf-8")), folder / "b.png"


def test_the_report_has_every_figure(quick: tuple[dict[str, Any], Path]) -> None:
    report, picture = quick
    assert report.keys() >= KEYS
    for name in ("strip_ns", "strip_ns_moving", "denormal_ratio", "render_x_realtime", "block_median_of_deadline"):
        assert report[name] > 0.0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_figures_agree_with_each_other(quick: tuple[dict[str, Any], Path]) -> None:
    report, _ = quick
    for row in report["sizes"]:
        assert row["strip_ns"] * row["strips"] * row["frames"] == pytest.approx(1e3 * row["block_us"])
        assert row["of_deadline"] == pytest.approx(row["block_us"] * 1e-6 / (row["frames"] / 48000))
        assert row["block_us"] <= row["block_us_p999"] <= row["block_us_max"]
    alone = [row for row in report["sizes"] if (row["strips"], row["frames"], row["buses"]) == (32, 32, 0)]
    at_32 = {row["moving"]: row for row in alone}
    assert report["strip_ns"] == at_32[False]["strip_ns"]
    assert report["block_median_of_deadline_moving"] == at_32[True]["of_deadline"]
    console = [row for row in report["sizes"] if (row["strips"], row["buses"], row["matrices"]) == (32, 16, 8)]
    assert report["console_median_of_deadline"] == console[0]["of_deadline"]


def test_growth_off_a_straight_line_is_told_as_a_part_of_it() -> None:
    def of(took_ns: list[int]) -> float:
        made = [
            bench.Timing(bench.Setup(8 * (k + 1), 16, 8), np.array([ns]), np.array([0])) for k, ns in enumerate(took_ns)
        ]
        return bench.off_the_line(made, "strips")

    assert of([100, 200, 300, 400]) == pytest.approx(0.0, abs=1e-9)
    assert of([90, 180, 300]) == pytest.approx(5 / 85, abs=1e-9)  # the line is 85, 190, 295


def test_json_on_standard_output_stands_alone(
    quick: tuple[dict[str, Any], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_report, "measure", lambda *_: quick[0])
    assert cli.main(["bench", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out).keys() >= KEYS


def test_a_picture_that_is_no_png_is_refused_before_anything_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--plot", "x.svg"]) == 2
    assert "PNG" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--json", "--plot"])
def test_a_missing_folder_is_told_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(bench_report, "measure", lambda *_: pytest.fail("measured"))
    assert cli.main(["bench", option, str(tmp_path / "none" / "b.png")]) == 1
    assert "its folder does not exist" in capsys.readouterr().err


def moving_parts(rig: bench.Rig) -> float:
    """The part of the gliding parameters that is in motion at this moment, 0…1."""
    address = bench_desk.travels(rig.size)[0]
    start = rig.arena.layout.at["left"]
    return float(np.mean(rig.arena.i64[start + address] > 0))


# What stands still all the same: what is structure, or would take a strip out of the measured desk.
STILL = {"link", "solo_safe", "gate.key.listen", "comp.key.listen", "insert.on", "insert.position"}


@pytest.mark.parametrize("strips", [8, 32])
def test_moving_means_that_everything_that_can_glide_is_on_its_way_all_the_time(strips: int) -> None:
    rig = bench.Rig(bench.Setup(strips, buses=2, moving=True))
    rig.run(1)
    gliding = sum(slot.domain != slots.Domain.STEP for slot in slots.STRIP)
    assert len(bench_desk.travels(rig.size)[0]) > strips * (gliding - len(STILL))
    for _ in range(3):  # the next turn is applied in the quantum after the arrival: a few stand for an instant
        rig.run(7, settle=False)
        assert moving_parts(rig) > 0.98


def test_at_rest_nothing_moves() -> None:
    rig = bench.Rig(bench.Setup(8, 2, 1))
    rig.run(2)
    assert moving_parts(rig) == 0.0


def test_every_stage_of_the_measured_desk_does_something() -> None:
    rig = bench.Rig(bench.Setup(8, 2, 1))
    meters, stages = rig.arena.meters, slots.METER_STAGES
    deepest_gate, deepest_comp, deepest_limiter = np.zeros(8), np.zeros(8), 0.0
    for _ in range(100):
        rig.run(16, settle=False)
        deepest_gate = np.minimum(deepest_gate, meters["gr_gate_db"][:8])
        deepest_comp = np.minimum(deepest_comp, meters["gr_comp_db"][:8])
        deepest_limiter = min(deepest_limiter, float(meters["limiter_gr_db"].min()))
        if deepest_gate.max() < -20.0 and deepest_comp.max() < -3.0 and deepest_limiter < -0.1:
            break
    assert deepest_gate.max() < -20.0
    assert deepest_comp.max() < -3.0
    assert deepest_limiter < -0.1
    levels = meters["mean_square"][:, 0]
    for before, after in (("in", "filters"), ("filters", "gate"), ("pre_comp", "eq"), ("eq", "post_comp")):
        assert levels[stages.index(before)] != levels[stages.index(after)]
    assert np.all(meters["out_peak"] > 0.0)


def test_the_tail_is_made_of_denormal_numbers() -> None:
    tail = np.abs(bench_desk.tail(8, 4800))
    smallest_normal = np.finfo(np.float32).tiny
    assert np.mean(tail < smallest_normal) > 0.7
    assert np.mean((tail > 0.0) & (tail < smallest_normal)) > 0.5


def test_events_go_on_from_what_the_desk_has_taken() -> None:
    rig = bench.Rig(bench.Setup(8, moving=True))
    for _ in range(2):
        before = rig.arena.events_taken
        rig.run(40)
        assert rig.arena.events_taken > before + len(bench_desk.travels(rig.size)[0])
    events, _, lost = rings.read(rig.log, 0)
    assert events
    assert not lost


def test_the_values_lie_where_the_desk_looks_for_them() -> None:
    size = DeskSize(channels=9, inputs=4, outputs=2)
    values = bench_desk.values(size)
    assert values[size.channel(9, "source")] == 0.0
    assert values[size.channel(5, "eq.band.6.gain_db")] == 3.0
    assert values[size.main("comp.on")] == 1.0
    assert values[size.output(2, "source")] == slots.lane_code(slots.StripKind.MAIN, 1)


def test_peers_are_refused_where_there_is_no_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from firmware.commands import bench as command

    monkeypatch.setattr(command, "__file__", str(tmp_path / "firmware" / "commands" / "bench.py"))
    assert cli.main(["bench", "--peers"]) == 2
    assert "checkout" in capsys.readouterr().err


@pytest.mark.all
def test_the_first_start_compiles_and_the_next_does_not() -> None:
    cold_s, warm_s = bench_report.compile_times(lambda _: None)
    assert cold_s > 2.0 * warm_s  # a difference in kind, not a bar on speed


@pytest.mark.all
def test_peers_run_beside_pidesk_on_the_same_sound() -> None:
    from tests.bench import faust_peer, peers

    report = peers.measure(1, lambda _: None, (faust_peer.FORMS[0], faust_peer.SENDS_FORMS[0]))
    assert {name.split()[0].rstrip(",") for name in report["peers_ns"]} == {"pedalboard", "faust", "pidesk"}
    assert all(ns > 0.0 for ns in report["peers_ns"].values())
    ours = report["peers_ns"]["pidesk"]
    assert report["ratio_faust"] == pytest.approx(report["peers_ns"]["faust tf2_1"] / ours)
    everything = report["peers_ns"]["pidesk, everything"]
    assert report["ratio_faust_everything"] == pytest.approx(report["peers_ns"]["faust tf2_sends_1"] / everything)
    at_64 = [report["peers_ns"][f"pedalboard, {way}"] for way in ("calls of 64", "one call, buffer 64")]
    assert report["ratio_pedalboard"] == pytest.approx(min(at_64) / ours)


@pytest.mark.all
def test_a_faust_that_cannot_compile_is_told_in_one_sentence() -> None:
    from tests.bench import faust_peer

    with pytest.raises(SetupError, match="could not compile"):
        faust_peer.build(faust_peer.Form("no_such_process"))
