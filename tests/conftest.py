"""What all tests share.

`--update` rewrites golden files instead of comparing with them, `--cases` draws more cases, `--times` prints how long
each model of the zoo takes.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path

import pytest

_MODEL = re.compile(r"\[(\w+\.arch:\w+)")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden files")
    parser.addoption("--times", action="store_true", help="print the time that each model of the zoo takes")
    parser.addoption("--cases", type=int, default=100, help="cases to draw for each layer")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update") and os.environ.get("CI"):
        raise pytest.UsageError("golden files are not rewritten in CI")
    os.environ.setdefault("MYPY_CACHE_DIR", str(_mypy_cache(config)))


def _mypy_cache(config: pytest.Config) -> Path:
    """The folder in which each mypy that tests run finds what the one before it knew of PyTorch.

    Processes that share the tests have one each: mypy does not lock it.
    """
    return config.rootpath / "build" / "mypy" / os.environ.get("PYTEST_XDIST_WORKER", "alone")


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session")
def cases_each(request: pytest.FixtureRequest) -> int:
    """How many cases to draw for each layer."""
    return int(request.config.getoption("--cases"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The time of each model: that of all tests that bear its name, `spec.arch:model`."""
    if not config.getoption("--times"):
        return
    times: dict[str, float] = defaultdict(float)
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        named = _MODEL.search(report.nodeid)
        times[named[1] if named else "all others"] += report.duration
    terminalreporter.section("time of each model, s")
    for name, seconds in sorted(times.items(), key=lambda item: -item[1]):
        terminalreporter.write_line(f"{seconds:8.1f}  {name}")
    terminalreporter.write_line(f"{sum(times.values()):8.1f}  together")
