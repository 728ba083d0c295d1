"""A progress bar on the error stream, on a terminal only: pipes and logs stay clean."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[float], None]
"""Takes the share 0…1 that is done."""


def _unseen(_share: float) -> None:
    pass


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    """A bar named `label`; what it gives is called with the share done. Does nothing where nobody would see it."""
    if not sys.stderr.isatty():
        yield _unseen
        return
    # Here and not above: it costs a tenth of a second that most calls need not spend.
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Rich

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Rich(*columns, console=Console(stderr=True), transient=True) as rich:
        task = rich.add_task(label, total=1.0)
        yield lambda share: rich.update(task, completed=share)
