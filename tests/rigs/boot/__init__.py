"""A machine that boots: a copy of this system with the desk installed on it, under Debian's kernel and real systemd.

The copy is an overlay in a mount namespace of its own, so nothing of this machine changes and nothing stays mounted. In
it `systemd/install` runs as it would on the desk; then QEMU (by translation, no KVM needed) boots it with the copy as
its root over 9p and the kernel's own loopback card (snd-aloop) for a sound card.

Needs root, and the Debian packages qemu-system-x86, busybox-static, cpio, kmod and udev.
"""

from __future__ import annotations

import lzma
import os
import platform
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
MODULES = ("virtio_pci", "9pnet_virtio", "9p", "snd-hrtimer", "snd-aloop")
OPTIONS = {"snd-aloop": "pcm_substreams=1"}
# What the emulated processor can do; numba here writes the kernel for it, as on the desk it would write it itself.
CPU, FEATURES = "x86-64", "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+avx,+avx2,+fma,+f16c,+bmi,+bmi2,+movbe"
MEMORY_MB = 2048


@dataclass(frozen=True)
class Booted:
    """What the machine had on its two serial lines, from power on to power off."""

    console: str
    """The kernel's and systemd's own words."""
    answers: dict[str, str]
    """What the questions in `look` were answered, by name."""


def boot(folder: Path, timeout_s: float = 600.0) -> Booted:
    """Install the desk on a copy of this system and boot it; `look` runs in it and ends it.

    folder: for what is made on the way. Raises RuntimeError with what is missing or went wrong.
    """
    if os.geteuid() != 0:
        raise RuntimeError("A copy of this system can be mounted by root alone: sudo ./pidesk test --all")
    if platform.machine() != "x86_64":
        raise RuntimeError("This rig boots amd64 machines only.")
    kernel, modules = _kernel(folder)
    initramfs = _initramfs(folder, modules)
    for name in ("console", "answers"):
        (folder / name).touch()
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": os.environ.get("HOME", "/root"),
        "CHECKOUT": str(CHECKOUT), "COPY": str(folder / "copy"), "KERNEL": str(kernel), "INITRAMFS": str(initramfs),
        "CONSOLE": str(folder / "console"), "ANSWERS": str(folder / "answers"), "MEMORY_MB": str(MEMORY_MB),
        "NUMBA_CPU_NAME": CPU, "NUMBA_CPU_FEATURES": FEATURES,
        **{name: value for name, value in os.environ.items() if re.match("(?i)PIP_|.*_proxy$", name)},
    }  # fmt: skip
    (folder / "copy").mkdir()
    _run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", str(HERE / "stage")], timeout_s, environment)
    answers = re.findall(r"^=== (.+)\n((?:(?!=== ).*\n)*)", _read(folder / "answers"), re.MULTILINE)
    return Booted(_read(folder / "console"), {name: text.strip() for name, text in answers})


def _kernel(folder: Path) -> tuple[Path, Path]:
    """Debian's kernel and the folder of its modules, unpacked; nothing is installed."""
    told = _run(["apt-cache", "show", "--no-all-versions", "linux-image-amd64"])
    found = re.search(r"^Depends: (linux-image-\S+)", told, re.MULTILINE)
    if not found:
        raise RuntimeError("This system's package lists name no kernel: sudo apt-get update")
    with tempfile.TemporaryDirectory() as downloads:
        Path(downloads).chmod(0o777)  # apt downloads as a user of its own
        _run(["apt-get", "-q", "download", found[1]], folder=Path(downloads))
        (package,) = Path(downloads).glob("*.deb")
        _run(["dpkg-deb", "-x", str(package), str(folder / "kernel")])
    (kernel,) = (folder / "kernel/boot").glob("vmlinuz-*")
    (modules,) = folder.glob("kernel/**/lib/modules/*")
    _run(["depmod", "-b", str(folder / "kernel"), modules.name])
    return kernel, modules


def _initramfs(folder: Path, modules: Path) -> Path:
    """busybox, `init`, and the modules with all that they need, in the order they are to be loaded in."""
    root = folder / "initramfs"
    for name in ("bin", "dev", "modules", "new", "proc", "sys"):
        (root / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    shutil.copy(HERE / "init", root / "init")
    needs = {}
    for line in (modules / "modules.dep").read_text(encoding="utf-8").splitlines():
        file, _, rest = line.partition(":")
        needs[_module(file)] = (file, [_module(name) for name in rest.split()])
    order: list[str] = []
    for name in MODULES:
        # modules.dep names what a module needs with the nearest first
        for wanted in (*reversed(needs[name.replace("-", "_")][1]), name.replace("-", "_")):
            if wanted not in order:
                order.append(wanted)
    for name in order:
        source = modules / needs[name][0]
        content = lzma.decompress(source.read_bytes()) if source.suffix == ".xz" else source.read_bytes()
        (root / "modules" / f"{name}.ko").write_bytes(content)
    options = {name.replace("-", "_"): given for name, given in OPTIONS.items()}
    lines = [f"{name}.ko {options.get(name, '')}".strip() for name in order]
    (root / "modules/order").write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = folder / "initramfs.cpio"
    _run(["sh", "-c", f"find . | cpio --quiet -o -H newc > '{made}'"], folder=root)
    return made


def _module(file: str) -> str:
    return Path(file).name.split(".ko")[0].replace("-", "_")


def _read(path: Path) -> str:
    return path.read_bytes().decode(errors="replace").replace("\r", "")


def _run(
    command: list[str], timeout_s: float = 120.0, environment: dict[str, str] | None = None, folder: Path | None = None
) -> str:
    try:
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{command[0]} took longer than {timeout_s:.0f} s") from error
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout
