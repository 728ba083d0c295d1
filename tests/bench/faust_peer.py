"""The strip in Faust (`strip.dsp`) in the forms that may be fastest, each run by `harness.cpp` in its own process."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from firmware import paths
from firmware.errors import SetupError

HERE = Path(__file__).parent
GXX = ("g++", "-std=c++17", "-O3", "-march=native")
CHAIN = (
    "low cut 12 dB/oct, ef.gate_mono, low shelf, two bells, high shelf (fi.tf2, or fi.svf), co.compressor_mono, fader, "
    "pan, sum to left and right"
)
SENDS_CHAIN = "the same and sends to 16 buses, from five taps, summed"


@dataclass(frozen=True)
class Form:
    """One way to compile the strip. `strict`: nothing but -O3 -march=native given to the C++ compiler; `sends`: with
    those to 16 buses."""

    process: str
    faust: tuple[str, ...] = ()
    gxx: tuple[str, ...] = ()

    @property
    def strict(self) -> bool:
        return not self.gxx

    @property
    def sends(self) -> bool:
        return "_sends" in self.process

    @property
    def name(self) -> str:
        return " ".join((self.process, *self.faust, *self.gxx))


# Not among them: `-fm def`. It takes a quarter off, but the tables Faust 2.54 ships for it give log10 up to 6 dB wrong.
# Slower where this was written: several strips in one without -vec, 32 strips in one, -lv 0, svf with -vec.
FORMS = (
    Form("tf2_1"),
    Form("svf_1"),
    Form("tf2_1", ("-vec", "-vs", "32")),
    Form("tf2_4", ("-vec", "-vs", "64", "-lv", "1")),
    Form("tf2_8", ("-vec", "-vs", "64", "-lv", "1")),
    Form("tf2_1", (), ("-ffast-math",)),
    Form("tf2_1", ("-vec", "-vs", "32", "-exp10"), ("-ffast-math",)),
)
SENDS_FORMS = (
    Form("tf2_sends_1"),
    Form("svf_sends_1"),
    Form("tf2_sends_1", ("-vec", "-vs", "32")),
    Form("tf2_sends_4", ("-vec", "-vs", "64", "-lv", "1")),
    Form("tf2_sends_8", ("-vec", "-vs", "64", "-lv", "1")),
)


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SetupError(f"{command[0]} is missing; install it: apt-get install faust g++.") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise SetupError(f"{command[0]} could not compile the Faust strip: {last}")


def _fingerprint(form: Form) -> str:
    version = subprocess.run(["faust", "--version"], capture_output=True, check=True).stdout
    cpu = next((line for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if "model name" in line), "")
    parts = [
        form.name.encode(),
        version,
        cpu.encode(),
        *((HERE / f).read_bytes() for f in ("strip.dsp", "harness.cpp")),
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def build(form: Form) -> Path:
    """The harness of a form, compiled if this has not been done before. Raises SetupError."""
    if not shutil.which("faust"):
        raise SetupError("faust is missing; install it: apt-get install faust g++.")
    folder = paths.ensure(paths.cache_dir() / "bench")
    program = folder / _fingerprint(form)
    if not program.exists():
        source = program.with_suffix(".cpp")
        arguments = ["-a", str(HERE / "harness.cpp"), "-pn", form.process, *form.faust, str(HERE / "strip.dsp")]
        _run(["faust", *arguments, "-o", str(source)], folder)
        _run([*GXX, *form.gxx, str(source), "-o", f"{program}.new"], folder)
        Path(f"{program}.new").replace(program)
        source.unlink()
    return program


def build_all(forms: tuple[Form, ...] = FORMS) -> list[Path]:
    """All harnesses, two compilers at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(build, forms))


class Harness:
    """A running harness; `input_file` holds 32 strips of `frames` float32 each."""

    def __init__(self, program: Path, input_file: Path, frames: int) -> None:
        self._process = subprocess.Popen(
            [str(program), str(input_file), str(frames)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, block_frames: int, blocks: int) -> NDArray[np.int64]:
        """Nanoseconds of thread time of each block of 32 strips."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(block_frames, blocks, file=self._process.stdin, flush=True)
        times = np.array(self._process.stdout.readline().split(), np.int64)
        if len(times) != blocks:
            raise SetupError("The Faust harness ended before its time.")
        return times

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
