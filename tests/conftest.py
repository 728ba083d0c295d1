"""What holds for every test: no skips, nothing of the user's own is touched, the same random examples each time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# Files a test writes must not land in the user's folders. The cache stays: compiled kernels are worth keeping.
_HOME = Path(tempfile.mkdtemp(prefix="pidesk-test-"))
for _name in ("CONFIG", "DATA", "STATE", "RUNTIME"):
    _folder = _HOME / _name.lower()
    _folder.mkdir(mode=0o700)
    os.environ[f"XDG_{_name}_{'DIR' if _name == 'RUNTIME' else 'HOME'}"] = str(_folder)
for _name in ("PIDESK_APPLIANCE", "PIDESK_DEBUG", "STATE_DIRECTORY", "CACHE_DIRECTORY", "RUNTIME_DIRECTORY"):
    os.environ.pop(_name, None)
os.environ["MPLBACKEND"] = "agg"

# No test is judged by time, and a run repeats itself: a failure seen by one is seen by all.
settings.register_profile(
    "pidesk", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("pidesk"), max_examples=50)
settings.load_profile("pidesk")


def pytest_configure(config: pytest.Config) -> None:
    """The quick set takes half as many examples where a test does not say how many."""
    if config.getoption("markexpr") == "not all":
        settings.load_profile("quick")


def pytest_sessionfinish() -> None:
    """Remove what stood in for the user's folders."""
    import shutil

    shutil.rmtree(_HOME, ignore_errors=True)


def _no_skip(report: Report) -> Report:
    """A test that is skipped has not run, and a test that has not run has failed."""
    if report.skipped:
        report.outcome = "failed"
        if isinstance(report.longrepr, tuple):
            report.longrepr = (
                f"{report.longrepr[0]}:{report.longrepr[1]}: tests may not be skipped ({report.longrepr[2]})"
            )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Skips while running, by mark or by call."""
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Skips of whole modules."""
    return _no_skip((yield))
