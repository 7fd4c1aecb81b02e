"""`docs/templates.md` is what the views declare, and its example works; `--update` rewrites it."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main
from archdsl.emit.views import TEMPLATES, ModuleView
from archdsl.resources import template_names

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "templates.md"
_FILES = re.compile(r"^```jinja (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_page(update: bool) -> None:
    text = CliRunner().invoke(main, ["templates", "--format", "md"]).output
    if update:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "docs/templates.md has drifted: `make reference`"
    assert all(f"| `{field.name}` |" in text for field in fields(ModuleView))


def test_every_template_is_declared() -> None:
    assert {t.name for t in TEMPLATES} == {name for name in template_names() if name.endswith(".j2")}


def test_lines_fit_a_page() -> None:
    text = re.sub(r"^\|.*$", "", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 120


def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that the page shows gives a licence and a class more, and nothing else changes."""
    monkeypatch.chdir(tmp_path)
    found = _FILES.findall(PAGE.read_text(encoding="utf-8"))
    assert [name for name, _ in found] == ["house/module.py.j2", "house/factory.py.j2"]
    for name, text in found:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    spec = str(ROOT / "specs" / "densenet.arch")
    plain = CliRunner().invoke(main, ["compile", spec, "-m", "densenet121", "-o", "-"]).stdout
    command = ["compile", spec, "-m", "densenet121", "--templates", "house"]
    for _ in range(2):  # the second time over its own file
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
    text = (tmp_path / "densenet121.py").read_text(encoding="utf-8")
    assert text.startswith("# Copyright 2026 Example Ltd.\n# SPDX-License-Identifier: Apache-2.0\n")
    assert not set(plain.splitlines()) - set(text.splitlines())
    names = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert names[-2:] == ["DenseNet", "LitDenseNet"]
    assert "\nfrom lightning import LightningModule\n" in text
