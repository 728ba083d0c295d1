"""`pidesk warmup`: after it every process finds the compiled kernel."""

from __future__ import annotations

import pytest

from firmware.cli import main


def test_after_a_warm_up_the_kernel_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["warmup"]) == 0
    from dsp import compile as kernel

    assert kernel.is_warm()
    capsys.readouterr()
    assert main(["warmup"]) == 0
    assert capsys.readouterr().out == f"The sound kernel was there: {kernel.cache_folder()}\n"
