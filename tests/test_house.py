"""The house rules: who may import whom, who may load numba, how long a module may be."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("dsp", "drivers", "firmware")
MODULE_LINES = 350

MAY_IMPORT = {"dsp": {"dsp"}, "drivers": {"drivers"}, "firmware": {"firmware", "dsp", "drivers"}}

# Everyone may import these; all else in dsp is for processes that make sound.
DSP_WITHOUT_NUMBA = {
    "dsp", "dsp.slots", "dsp.laws", "dsp.arena", "dsp.layout", "dsp.ring", "dsp.rows", "dsp.size",
}  # fmt: skip
# The modules of firmware that make sound, and so run in processes of their own.
FIRMWARE_WITH_NUMBA = {"firmware.bench", "firmware.engine_loop", "firmware.publish"}
# These do so only when they run.
FIRMWARE_WITH_NUMBA_LATER = {"firmware.bench_report", "firmware.engine"}


def module_name(path: Path) -> str:
    """`dsp/eq.py` is dsp.eq, `dsp/__init__.py` is dsp."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """Every module of the three packages, by name."""
    return {module_name(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}


def _nodes(node: ast.AST, *, inside_functions: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not inside_functions and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        yield child
        yield from _nodes(child, inside_functions=inside_functions)


@cache
def imports(name: str, *, inside_functions: bool = True) -> frozenset[str]:
    """What a module imports, as far down as the name goes: `from dsp import ring` is dsp.ring."""
    path = modules()[name]
    found = set()
    for node in _nodes(ast.parse(path.read_text("utf-8")), inside_functions=inside_functions):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
                parts = parts[: len(parts) - node.level + 1]
                base = ".".join([*parts, base]).rstrip(".")
            below = {f"{base}.{alias.name}" for alias in node.names} & modules().keys()
            found |= below or {base}
            if len(below) < len(node.names):
                found.add(base)
    return frozenset(found)


def test_each_package_imports_only_what_its_place_allows() -> None:
    wrong = [
        f"{name} imports {other}"
        for name in modules()
        for other in imports(name)
        if (top := other.split(".")[0]) in {*PACKAGES, "tests"} and top not in MAY_IMPORT[name.split(".")[0]]
    ]
    assert not wrong


def test_no_two_modules_need_each_other() -> None:
    state: dict[str, bool] = {}  # False while its imports are followed, True when all of them are known to end

    def follow(name: str, path: tuple[str, ...]) -> None:
        assert state.get(name, True), f"a circle: {' → '.join([*path[path.index(name) :], name])}"
        if name in state:
            return
        state[name] = False
        for other in sorted(imports(name) & modules().keys()):
            if other != name:
                follow(other, (*path, name))
        state[name] = True

    for name in modules():
        follow(name, ())


def test_only_sound_processes_import_numba() -> None:
    compilers = {"numba", "llvmlite"}
    allowed = FIRMWARE_WITH_NUMBA | FIRMWARE_WITH_NUMBA_LATER
    wrong = [
        name
        for name in modules()
        if {other.split(".")[0] for other in imports(name)} & compilers
        and (name in DSP_WITHOUT_NUMBA or (not name.startswith("dsp.") and name not in allowed))
    ]
    assert not wrong


def test_no_module_outside_the_sound_processes_loads_numba() -> None:
    quiet = [name for name in modules() if not name.startswith("dsp") or name in DSP_WITHOUT_NUMBA]
    quiet = [name for name in quiet if name not in FIRMWARE_WITH_NUMBA and not name.endswith("__main__")]
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    if 'numba' in sys.modules:\n"
        "        sys.exit(name + ' loads numba')\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, *quiet],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_list_of_sound_processes_names_only_modules_that_load_numba() -> None:
    loading = {name for name in modules() if name.startswith("dsp.") and name not in DSP_WITHOUT_NUMBA}
    idle = [
        name
        for name in FIRMWARE_WITH_NUMBA
        if name not in modules() or not imports(name, inside_functions=False) & (loading | FIRMWARE_WITH_NUMBA)
    ]
    assert not idle


def test_the_oracle_shares_names_and_sizes_with_the_kernels_but_no_sound() -> None:
    wrong = []
    for path in (ROOT / "tests" / "oracle").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            base = [f"{node.module}.{name}" for name in names] if isinstance(node, ast.ImportFrom) else names
            wrong += [
                f"{path.name}: {name}"
                for name in base
                if name.startswith("dsp.") and not name.startswith(("dsp.slots", "dsp.size", "dsp.ring", "dsp.rows"))
            ]
    assert not wrong


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_every_module_can_be_read_in_one_sitting(package: str) -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in (ROOT / package).rglob("*.py")}
    assert lengths
    assert not [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > MODULE_LINES]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_and_everything_public_in_it_is_explained(package: str) -> None:
    mute = []
    for name, path in modules().items():
        if name.split(".")[0] != package:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        mute += [] if ast.get_docstring(tree) else [name]
        mute += [
            f"{name}.{node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_" and not ast.get_docstring(node)
        ]
    assert not mute
