"""A 64-bit Arm Python with numpy and numba on this machine: Debian's packages and the locked wheels, run by qemu-user.

Needs the Debian package qemu-user-static, and apt and dpkg themselves. Nothing is installed and nothing of the
machine changes: apt downloads from the machine's own sources into lists of its own, the packages are only unpacked. The
root stays in the user's cache for the next time, under a key made from the locks and from what this module asks for.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware import paths

CHECKOUT = Path(__file__).resolve().parents[2]
EMULATOR = "qemu-aarch64-static"
TRIPLE = "aarch64-unknown-linux-gnu"
# A Raspberry Pi 4. Features are named, so that here and in the emulator numba writes down the same ones.
CPU, FEATURES = "cortex-a72", "+neon,+fp-armv8,+crc"
PACKAGES = ("python3-minimal", "libpython3-stdlib", "libstdc++6")
WHEELS = ("llvmlite", "numba", "numpy")
WHEEL_PLATFORMS = ("_2_28", "_2_27", "_2_26", "_2_24", "_2_17", "2014")
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"

_APT_CONF = """\
APT::Architecture "arm64";
#clear APT::Architectures;
APT::Architectures {{ "arm64"; }};
APT::Sandbox::User "{user}";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
"""


@dataclass(frozen=True)
class ArmRoot:
    """A folder that holds `root` (Debian), `site` (wheels), `bytecode` and `kernels` (what was compiled for Arm)."""

    folder: Path

    def run(self, arguments: Sequence[str], kernels: Path, timeout_s: float) -> str:
        """Python with these arguments, the checkout on its path; returns what it printed.

        kernels: where numba keeps compiled code. Raises RuntimeError with the end of its output if it fails or takes
        longer than timeout_s.
        """
        root = self.folder / "root"
        environment = {
            "HOME": str(self.folder), "PYTHONHOME": str(root / "usr"), "PYTHONUTF8": "1", "PYTHONSAFEPATH": "1",
            "PYTHONPATH": f"{self.folder / 'site'}:{CHECKOUT}", "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"),
            "NUMBA_CPU_NAME": CPU, "NUMBA_CPU_FEATURES": FEATURES, "NUMBA_CACHE_DIR": str(kernels),
            "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        command = [EMULATOR, "-cpu", CPU, "-L", str(root), str(root / "usr/bin" / PYTHON), "-S", *arguments]
        return _run(command, environment, timeout_s)


def arm_root() -> ArmRoot:
    """The root for this lock, made if it is not there (about 35 MB of packages and 60 MB of wheels to fetch).

    Raises RuntimeError with the failed program's last words; what was begun is then removed.
    """
    if not shutil.which(EMULATOR):
        raise RuntimeError(f"{EMULATOR} is missing: sudo apt install qemu-user-static")
    cache = paths.cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    requirements = _locked(WHEELS)
    recipe = repr((requirements, PACKAGES, PYTHON, _APT_CONF, 1))
    final = cache / f"arm-root-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    with (cache / "arm-root.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.is_dir():
            for old in cache.glob("arm-root-*"):
                shutil.rmtree(old, ignore_errors=True)
            begun = Path(tempfile.mkdtemp(prefix="arm-root-", dir=cache))
            try:
                _unpack_debian(begun)
                _unpack_wheels(begun, requirements)
                begun.rename(final)
            except BaseException:
                shutil.rmtree(begun, ignore_errors=True)
                raise
    return ArmRoot(final)


def compile_desk(root: ArmRoot) -> Path:
    """Has this machine's numba compile the desk for Arm; returns the cache folder that the Arm numba takes it from."""
    # The cache follows the sources' times too, so this runs each time; it is quick when nothing has changed.
    kernels = root.folder / "kernels"
    made = Path(cross_compile("desk", kernels).splitlines()[-1])
    for other in kernels.iterdir():
        if other != made:
            shutil.rmtree(other, ignore_errors=True)
    return made


def cross_compile(what: str, kernels: Path) -> str:
    """Runs tests/arm/cross_compile.py in a process of its own; returns what it printed."""
    environment = {
        **os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1", "NUMBA_CPU_NAME": CPU,
        "NUMBA_CPU_FEATURES": FEATURES, "NUMBA_CACHE_DIR": str(kernels),
    }  # fmt: skip
    return _run([sys.executable, "-m", "tests.arm.cross_compile", what], environment, 300.0)


def _run(command: Sequence[str], environment: dict[str, str] | None = None, timeout_s: float = 300.0) -> str:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{' '.join(command)} took longer than {timeout_s:.0f} s") from error
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def _locked(names: Sequence[str]) -> str:
    """The lock's entries of these packages, hashes and all."""
    lock = (CHECKOUT / "requirements/pidesk.lock").read_text(encoding="utf-8")
    return "".join(re.findall(rf"^(?:{'|'.join(names)})==(?:.*\\\n)+.*\n", lock, re.MULTILINE))


def _unpack_debian(folder: Path) -> None:
    apt, root = folder / "apt", folder / "root"
    (apt / "state/lists/partial").mkdir(parents=True)
    (apt / "cache/archives/partial").mkdir(parents=True)
    (apt / "status").touch()
    conf = apt / "apt.conf"
    # As root apt would download as a user of its own, which may not see into this folder.
    conf.write_text(_APT_CONF.format(folder=apt, user="root" if os.geteuid() == 0 else ""), encoding="utf-8")
    environment = {**os.environ, "APT_CONFIG": str(conf), "LC_ALL": "C"}
    _run(["apt-get", "-q", "update"], environment)
    _run(["apt-get", "-q", "-y", "--download-only", "install", *PACKAGES], environment)
    for name in ("bin", "sbin", "lib"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for package in sorted((apt / "cache/archives").glob("*.deb")):
        unpack = ["tar", "-x", "-C", str(root), "--keep-directory-symlink", "--no-same-owner"]
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as archive:
            subprocess.run(unpack, stdin=archive.stdout, check=True)
        if archive.returncode:
            raise RuntimeError(f"dpkg-deb cannot read {package.name}")
    shutil.rmtree(apt)
    if not (root / "usr/bin" / PYTHON).exists():
        there = ", ".join(sorted(path.name for path in (root / "usr/bin").glob("python3.*")))
        raise RuntimeError(f"these tests run on {PYTHON}, this machine's Debian has {there}; set PIDESK_PYTHON to that")


def _unpack_wheels(folder: Path, requirements: str) -> None:
    wanted = folder / "requirements.txt"
    wanted.write_text(requirements, encoding="utf-8")
    platforms = [word for name in WHEEL_PLATFORMS for word in ("--platform", f"manylinux{name}_aarch64")]
    _run([
        sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", "--no-deps",
        "--no-compile", "--require-hashes", "--only-binary=:all:", "--implementation", "cp",
        "--python-version", PYTHON.removeprefix("python"), *platforms,
        "--target", str(folder / "site"), "-r", str(wanted),
    ])  # fmt: skip
