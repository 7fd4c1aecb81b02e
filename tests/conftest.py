"""What all tests share: `--update` rewrites golden files instead of comparing with them, `--cases` draws more cases."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden files")
    parser.addoption("--cases", type=int, default=200, help="cases to draw for each layer")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update") and os.environ.get("CI"):
        raise pytest.UsageError("golden files are not rewritten in CI")


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session")
def cases_each(request: pytest.FixtureRequest) -> int:
    """How many cases to draw for each layer."""
    return int(request.config.getoption("--cases"))
