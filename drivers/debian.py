"""Modules that Raspberry Pi OS has as Debian packages and a venv does not see: lgpio, rpi-lgpio, spidev."""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import sys
from types import ModuleType

FOLDER = "/usr/lib/python3/dist-packages"


def has(name: str) -> bool:
    """Whether import_module() would find a module of that name; it is not loaded."""
    return bool(importlib.util.find_spec(name) or importlib.machinery.PathFinder.find_spec(name, [FOLDER]))


def import_module(name: str) -> ModuleType:
    """A module of this venv, or Debian's where it has none. Raises ModuleNotFoundError, or what the module raises."""
    with contextlib.suppress(ModuleNotFoundError):
        return importlib.import_module(name)
    spec = importlib.machinery.PathFinder.find_spec(name, [FOLDER])
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"no module {name}, neither here nor in {FOLDER}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
