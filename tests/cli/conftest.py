"""Commands, run in a folder of their own with some specs in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main

TINY = """\
"A tiny network."
network tiny(width: int = 4, classes = 10) {
  "Its docstring."
  input image: [3, 8, 8]
  conv(width, 3, bias=true) -> bn -> relu -> maxpool(2)
  ( identity | conv(width, 3) ) -> add
  gap -> linear(classes)
  output logits
}
"""

PAIR = """\
network net(width) {
  input image: [3, 8, 8]
  body: { conv(width, 3) -> relu }
  gap
  output features
}
model small = net(4)
model large = net(64)
"""

BAD = """\
network bad {
  input image: [3, 8, 8]
  ( conv(4, 3) | conv(8, 3) ) -> add
  convv(4, 3)
  output out
}
"""

WARNED = """\
network warned {
  input image: [3, 8, 8]
  main = conv(8, 3)
  side = main -> gap
  output y = main -> relu
}
"""

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a spec of one model, one of two, and one with two mistakes."""
    for name, text in {"tiny": TINY, "pair": PAIR, "bad": BAD, "warned": WARNED}.items():
        (tmp_path / f"{name}.arch").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Run a command there; standard output and error apart."""

    def call(*arguments: str, input: str | bytes | None = None, status: int = 0) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=input)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == status, result.output
        return result

    return call
