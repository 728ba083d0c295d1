"""The kernels run on an emulated Cortex-A72 and give what they give here: −120 dB re full scale at most apart.

Arm's own numba compiles the kernels one by one; the whole desk, which would take it ten minutes under emulation, is
compiled by this machine's numba for Arm, which makes the same assembly (a test below).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware import publish
from tests.arm import kernels, play, start
from tests.arm.kernels import KERNELS, LANE_ROWS
from tests.dsp.agreement import BAR_DB
from tests.dsp.rig import db
from tests.oracle.desk import Oracle
from tests.rigs.arm import ArmRoot, arm_root, compile_desk

pytestmark = pytest.mark.all

APART = 10 ** (BAR_DB / 20)
FLUSH_TO_ZERO = 1 << 24  # FPCR.FZ (Arm ARM, C5.2.8)
Result = Mapping[str, Any]


@pytest.fixture(scope="module")
def root() -> ArmRoot:
    begun = time.monotonic()
    made = arm_root()
    print(f"arm root: {time.monotonic() - begun:.1f} s")
    return made


def _on_arm(root: ArmRoot, folder: Path, what: str, given: dict[str, Any], compiled: Path | None = None) -> Result:
    begun = time.monotonic()
    np.savez(folder / "in.npz", **given)
    arguments = [what, str(folder / "in.npz"), str(folder / "out.npz"), *([str(compiled)] if compiled else [])]
    said = root.run(["-m", "tests.arm.on_arm", *arguments], root.folder / "own", 300.0)
    print(f"{what} on arm: {time.monotonic() - begun:.1f} s; {'; '.join(said.splitlines())}")
    with np.load(folder / "out.npz") as out:
        return {name: out[name] for name in out.files}


@pytest.fixture(scope="module")
def compiling(root: ArmRoot) -> Iterator[Future[Path]]:
    """The desk's code for Arm, made while the kernels run there: each takes a minute of one core."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(compile_desk, root)


@pytest.fixture(scope="module")
def one_by_one(root: ArmRoot, compiling: Future[Path], tmp_path_factory: pytest.TempPathFactory) -> Result:
    """All kernels and probes: what came out there."""
    assert compiling  # under way
    f32, places = start.kernels()
    given = {"f32": f32, "places": json.dumps(places), "lanes": start.lanes()}
    return _on_arm(root, tmp_path_factory.mktemp("kernels"), "kernels", given)


@pytest.fixture(scope="module")
def scene(root: ArmRoot, compiling: Future[Path], tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The whole desk: what came out there."""
    begun = time.monotonic()
    compiled = compiling.result()
    print(f"waited for the desk compiled for arm: {time.monotonic() - begun:.1f} s")
    out = _on_arm(root, tmp_path_factory.mktemp("desk"), "desk", start.scene(), compiled)
    return {**out, "code": max(compiled.glob("**/desk.process-*.nbc"), key=lambda path: path.stat().st_mtime)}


def _difference(name: str, there: np.ndarray, here: np.ndarray) -> float:
    """The largest difference, of numbers above 1 relative to them; says how many bits' worth of numbers differ."""
    assert there.shape == here.shape
    here64, there64 = here.astype(np.float64), there.astype(np.float64)
    apart = float((np.abs(there64 - here64) / np.maximum(1.0, np.abs(here64))).max())
    different = int(np.count_nonzero(there != here))
    print(f"{name}: {different} of {here.size} numbers differ, by {db(apart):.0f} dB at most")
    return apart


def test_it_was_an_arm(one_by_one: Result, scene: Result) -> None:
    assert str(one_by_one["machine"]) == str(scene["machine"]) == "aarch64"
    assert scene["compiled_here"] == 0


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_compiled_on_arm_gives_what_it_gives_here(one_by_one: Result, name: str) -> None:
    f32, places = start.kernels()
    here = kernels.outcome(name, f32, places)
    assert np.count_nonzero(here != f32) >= 32, "the kernel has done nothing worth comparing"
    assert np.isfinite(here).all()
    assert _difference(name, one_by_one[name], here) <= APART


def test_denormals_are_flushed_in_the_kernel_and_only_there(one_by_one: Result, scene: Result) -> None:
    before, after, inside = (int(mode) for mode in one_by_one["modes"])
    assert not before & FLUSH_TO_ZERO
    assert inside & FLUSH_TO_ZERO
    assert after == before
    for numbers in (one_by_one["mode_f32"], one_by_one["mode_f64"]):
        halves = numbers[0].astype(np.longdouble) / 2
        assert numbers[1].tolist() == [0.0, halves[1], 0.0, 0.5]
        assert (numbers[2] == halves).all()
        assert (numbers[2] > 0.0).all()
    assert one_by_one["denormals_live"]
    assert scene["denormals_live"]


def test_lanes_calculate_as_ieee_754_says(one_by_one: Result) -> None:
    a, b, c = start.lanes().reshape(3, -1, 8)
    got = {name: one_by_one["lanes"][:, k] for k, name in enumerate(LANE_ROWS)}
    with np.errstate(all="ignore"):
        wanted = {
            "a + b": a + b, "a - b": a - b, "a * b": a * b, "a / b": a / b, "absolute(a)": np.abs(a),
            "larger(a, b)": np.where(a > b, a, b), "smaller(a, b)": np.where(a < b, a, b),
            "swap(a)": a[:, [1, 0, 3, 2, 5, 4, 7, 6]], "select(a > b, c, a)": np.where(a > b, c, a),
            "any_lane(a >= b)": np.repeat((a >= b).any(axis=1, keepdims=True), 8, axis=1).astype(np.float32),
            "all_lanes(a >= b)": np.repeat((a >= b).all(axis=1, keepdims=True), 8, axis=1).astype(np.float32),
            "spread(a, 3)": np.repeat(a[:, 3:4], 8, axis=1),
        }  # fmt: skip
        halves = (c[:, :4] + c[:, 4:])[:, :2] + (c[:, :4] + c[:, 4:])[:, 2:]
        wanted["splat(total(c))"] = np.repeat(halves.sum(axis=1, dtype=np.float32, keepdims=True), 8, axis=1)
        # The product is exact in float64; the sum is rounded there and once more: within half a unit and a bit.
        fused = a.astype(np.float64) * b + c
    for name, rows in wanted.items():
        np.testing.assert_array_equal(got[name], rows, err_msg=name)
    finite = np.isfinite(fused) & (np.abs(fused) < np.finfo(np.float32).max)
    units = np.spacing(np.abs(fused[finite]).astype(np.float32)).astype(np.float64)
    assert (np.abs(got["fma(a, b, c)"][finite] - fused[finite]) <= 0.50001 * units).all()


def test_log2_and_exp2_are_as_close_on_arm_as_they_say(one_by_one: Result) -> None:
    """The bounds are those of dsp.lanes: 3e-7 absolute near 0, one unit in the last place elsewhere; 2e-7 relative."""
    c = start.lanes().reshape(3, -1, 8)[2].astype(np.float64)
    log2 = one_by_one["lanes"][:, LANE_ROWS.index("log2(c)")]
    exact = np.log2(c)
    assert (np.abs(log2 - exact) <= np.maximum(3e-7, np.spacing(np.abs(exact).astype(np.float32)))).all()
    exp2 = one_by_one["lanes"][:, LANE_ROWS.index("exp2(c)")].astype(np.float64)
    held = np.exp2(np.minimum(c, 126.0))
    assert (np.abs(exp2 / held - 1.0) <= 2e-7).all()


def test_a_whole_desk_on_arm_gives_what_it_gives_here(scene: Result) -> None:
    given = start.scene()
    here = play.play(given)
    assert np.abs(here["y"]).max() > 0.1
    assert here["logged"] >= 250
    assert scene["logged"] == here["logged"]
    assert _difference("outputs", scene["y"], here["y"]) <= APART
    for name, steps in (("S16_LE", 2**15), ("S24_3LE", 2**23), ("S32_LE", 2**31)):
        apart = _difference(name, scene[f"{name}_back"], here[f"{name}_back"])
        assert apart <= APART + 1.0 / steps  # the two may lie on different sides of a step
    assert int(scene["fold"]) == int(publish.fold(scene["S32_LE"].view(np.int64), 0))


def test_a_whole_desk_on_arm_agrees_with_the_oracle(scene: Result) -> None:
    given = start.scene()
    events = play.events_of(given)
    apart = scene["y"].astype(np.float64) - Oracle(start.SIZE, given["values"]).process(given["x"], events)
    rms = db(float(np.sqrt(np.mean(apart**2, axis=0)).max()))
    print(f"arm and oracle: {rms:.1f} dBFS rms apart")
    assert rms <= BAR_DB


def _anonymous(assembly: str) -> str:
    """Without the names that numba makes up and counts, and how long they are."""
    names: dict[str, str] = {}
    assembly = re.sub(r"^\t\.(size|asciz)\t.*$", "", assembly, flags=re.MULTILINE)
    return re.sub(r"[.\w]*_Z[\w.$]*", lambda found: names.setdefault(found[0], f"name{len(names)}"), assembly)


def test_this_machines_numba_writes_the_same_assembly_for_arm_as_arms_own(
    assembly: dict[str, str], one_by_one: Result
) -> None:
    """So what is compiled here for Arm stands for what a Pi compiles."""
    there = json.loads(str(one_by_one["assembly"]))
    assert list(there) == list(assembly)
    for name, text in assembly.items():
        assert _anonymous(there[name]) == _anonymous(text), name


def test_the_whole_desk_for_arm_fuses_on_vectors_and_sets_the_mode_twice(scene: Result) -> None:
    """By the words of its machine code (Arm ARM, C5.6 and C7.2): what ran above is what is looked at here."""
    code = Path(str(scene["code"])).read_bytes()
    code = code[code.index(b"\x7fELF") :]
    words = np.frombuffer(code[: len(code) // 4 * 4], "<u4")
    assert int.from_bytes(code[18:20], "little") == 183  # EM_AARCH64
    fused = np.count_nonzero(words & 0xFFE0FC00 == 0x4E20CC00)  # fmla v.4s, v.4s, v.4s
    print(f"{fused} fmla in the whole desk")
    assert fused >= 200
    assert np.count_nonzero(words & 0xFFFFFFE0 == 0xD51B4400) == 2  # msr fpcr: on the way in and on the way out
    for call in (b"fma", b"fmaf", b"exp2f", b"log2f", b"expf", b"powf", b"floorf"):
        assert b"\0" + call + b"\0" not in code, f"{call.decode()} is called"
