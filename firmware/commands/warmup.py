"""`pidesk warmup`: compiles the sound kernel beforehand, so that the first start is as quick as the others."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

HELP = "Compile the sound kernel for this machine now rather than at the first start; quick when that was done."


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(_args: argparse.Namespace) -> int:
    """Compile what is missing; what is imported here compiles as it is imported."""
    from dsp import compile as kernel

    warm = kernel.is_warm()
    began = time.monotonic()
    with nullcontext() if warm else _seen("compiling the sound kernel, a minute or two (once for each version)"):
        from dsp import convert, desk  # noqa: F401
        from firmware import publish  # noqa: F401
    done = "was there" if warm else f"was compiled in {time.monotonic() - began:.0f} s"
    print(f"The sound kernel {done}: {kernel.cache_folder()}")
    return 0


@contextmanager
def _seen(label: str) -> Iterator[None]:
    """How long it has taken so far, on a terminal; elsewhere only what is being done."""
    if not sys.stderr.isatty():
        print(f"pidesk: {label} …", file=sys.stderr, flush=True)
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        shown.add_task(label, total=None)
        yield
