"""The simulated card itself: how it is built, configured and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.alsa import Outcome
from drivers.errors import SimulatorError
from drivers.simulated.card import SimulatedCard, build, environment, read_report, write_conf
from tests.drivers.rig import library, passthrough, rig

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_built_once_for_one_source() -> None:
    folder = library().parent
    assert build(folder) == library()
    assert [path.name for path in folder.iterdir()] == [library().name]


def test_without_gcc_or_headers_the_remedy_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SimulatorError) as raised:
        build(tmp_path / "cache")
    assert "sudo apt install gcc libasound2-dev" in str(raised.value)
    fake = tmp_path / "gcc"
    fake.write_text(
        "#!/bin/sh\necho 'pcm.c:1:10: fatal error: alsa/asoundlib.h: No such file or directory' >&2\nexit 1\n"
    )
    fake.chmod(0o755)
    with pytest.raises(SimulatorError, match=r"libasound2-dev .*alsa/asoundlib\.h"):
        build(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SimulatorError, match="make that folder writable"):
        build(tmp_path / "file" / "cache")


def test_nonsense_is_refused_all_at_once() -> None:
    with pytest.raises(SimulatorError) as raised:
        SimulatedCard(name="a b", inputs=0, outputs=40, capture_format="U8", pace="slow", faults="xrun@1,fire@2,gone")
    for part in ("'a b'", "inputs is 0", "outputs is 40", "'U8'", "'slow'", "'fire@2'", "'gone'"):
        assert part in str(raised.value)


def test_a_card_keeps_to_its_capture_file_then_gives_silence_or_starts_again() -> None:
    for loop in (False, True):
        with rig(frames=100, loop=loop) as sim:
            duplex = sim.open(sim.card.config(64, 2))
            passthrough(duplex, 4)
            duplex.close()
            heard = sim.played()[128 * 8 :]
            assert heard == (sim.source * 3 if loop else sim.source + bytes(156 * 8))[: 256 * 8]


def test_files_may_have_odd_names(tmp_path: Path) -> None:
    folder = tmp_path / 'a "quoted" name\\here'
    folder.mkdir()
    with rig(folder, frames=64) as sim:
        duplex = sim.open(sim.card.config(64, 2))
        assert duplex.read() == sim.source
        duplex.close()
    with pytest.raises(SimulatorError, match="no path with a space"):
        environment(folder / "asound.conf")


def test_closing_and_opening_again_loses_one_buffer_and_goes_on() -> None:
    with rig(frames=1000) as sim:
        for part in range(2):
            duplex = sim.open(sim.card.config(64, 2))
            passthrough(duplex, 2)
            duplex.close()
            assert sim.report().captured_frames == (part + 1) * (128 + 128)
        silence = bytes(128 * 8)
        assert sim.played() == silence + sim.source[: 128 * 8] + silence + sim.source[256 * 8 : 384 * 8]


def test_the_report_counts_what_happened() -> None:
    with rig(frames=1000, faults="xrun@200,gone@500*2") as sim:
        duplex = sim.open(sim.card.config(64, 2))
        passthrough(duplex, 12)
        duplex.close()
        report = sim.report()
        assert (report.xruns, report.faults_fired, report.refused_opens, report.opens) == (1, 2, 2, 4)
        assert report.played_frames == 12 * 64 + 3 * 128


def test_without_a_report_one_sentence_is_said(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="no report"):
        read_report(tmp_path / "none.json")


def test_the_card_is_found_by_another_process(tmp_path: Path) -> None:
    conf = write_conf(tmp_path, [SimulatedCard(speed=0, outfile=tmp_path / "out.raw")], library())
    program = (
        "import alsaaudio as a\n"
        "p = a.PCM(type=a.PCM_PLAYBACK, device='pidesk_sim', rate=48000, channels=2, format=a.PCM_FORMAT_S32_LE,"
        " periodsize=64, periods=3)\n"
        "c = a.PCM(type=a.PCM_CAPTURE, device='pidesk_sim', rate=48000, channels=2, format=a.PCM_FORMAT_S32_LE,"
        " periodsize=64, periods=3)\n"
        "p.write(bytes(1536)); n, d = c.read(); p.write(d); print(n); c.close(); p.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment(conf)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("64\n", "")
    assert (tmp_path / "out.raw").stat().st_size == 256 * 8


LOOP = """
import os, signal, sys
from drivers.alsa import DuplexCard
from drivers.card_config import CardConfig
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
duplex = DuplexCard(CardConfig("pidesk_sim", "pidesk_sim"))
duplex.open(); duplex.prime()
said = False
while not stop:
    data = duplex.read()
    if data is None:
        if duplex.outcome.lost:
            print("lost", flush=True); said = True
            duplex.reopen(stopping=lambda: bool(stop))
        continue
    duplex.write(data)
    if not said and not sys.argv[1:]:
        print("running", flush=True); said = True
duplex.close()
print("closed", flush=True)
"""


@pytest.mark.parametrize(
    ("pace", "faults", "arguments"),
    [("virtual", "", []), ("realtime", "", []), ("virtual", "gone@640+60", ["x"]), ("virtual", "stall@640+60", ["x"])],
)
def test_a_stop_signal_ends_it_while_it_runs_while_the_card_is_gone_and_while_its_clock_stands_still(
    tmp_path: Path, pace: str, faults: str, arguments: list[str]
) -> None:
    conf = write_conf(tmp_path, [SimulatedCard(pace=pace, faults=faults)], library())
    process = subprocess.Popen(
        [sys.executable, "-c", LOOP, *arguments],
        env={**os.environ, **environment(conf), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (out.splitlines()[-1], errors, process.returncode) == ("closed", "", 0)


def test_an_outcome_says_whether_only_reopening_helps() -> None:
    assert [outcome.name for outcome in Outcome if outcome.lost] == ["STALLED", "GONE", "CLOSED"]
