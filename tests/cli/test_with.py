"""`compile --with` and `--templates`, and `templates`: what is written, and what is refused."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import archdsl
from archdsl.resources import template_names
from tests.cli.conftest import Run


def test_the_default_imports_torch_alone(run: Run, folder: Path) -> None:
    text = run("compile", "tiny.arch", "-o", "-").stdout
    tree = ast.parse(text)
    names = {n.module for n in tree.body if isinstance(n, ast.ImportFrom)} - {"__future__"}
    names |= {alias.name for n in tree.body if isinstance(n, ast.Import) for alias in n.names}
    assert {str(name).partition(".")[0] for name in names} <= {"torch", "math", "collections", "typing"}


def test_several_libraries_however_they_are_given(run: Run) -> None:
    together = run("compile", "tiny.arch", "-o", "-", "--with", "timm,hf").stdout
    assert run("compile", "tiny.arch", "-o", "-", "--with", "HF", "--with", "timm").stdout == together
    assert "\nNeeds: torch, huggingface_hub, timm\n" in together
    assert together == archdsl.load("tiny.arch").source(with_=["timm", "hf"])
    for line in ("class Tiny(nn.Module, PyTorchModelHubMixin", "class TimmTiny(Tiny):", "@register_model"):
        assert f"\n{line}" in together


def test_an_unknown_library(run: Run) -> None:
    said = run("compile", "tiny.arch", "--with", "tim", status=2).stderr
    assert "there is no library 'tim': did you mean `timm`?" in said
    with pytest.raises(ValueError, match="there is no library 'keras'"):
        archdsl.load("tiny.arch").source(with_=["keras"])


# --- hubconf.py ----------------------------------------------------------------------------------------------------


def test_hubconf_stands_beside_the_module(run: Run, folder: Path) -> None:
    (folder / "out").mkdir()
    run("compile", "tiny.arch", "--with", "hub", "-o", "out/net.py")
    text = (folder / "out" / "hubconf.py").read_text(encoding="utf-8")
    assert "\nfrom net import tiny\n" in text and '\n__all__ = ["tiny"]\n' in text
    assert '\ndependencies = ["torch"]\n' in text
    run("compile", "tiny.arch", "--with", "hub", "-o", "out/net.py")  # over its own files


def test_all_models_share_one(run: Run, folder: Path) -> None:
    (folder / "out").mkdir()
    run("compile", "pair.arch", "--all", "--with", "hub", "-o", "out")
    text = (folder / "out" / "hubconf.py").read_text(encoding="utf-8")
    assert "\nfrom large import large\nfrom small import small\n" in text
    assert sorted(p.name for p in (folder / "out").iterdir()) == ["hubconf.py", "large.py", "small.py"]


def test_the_hubconf_of_a_user_stays(run: Run, folder: Path) -> None:
    (folder / "hubconf.py").write_text("mine = 1\n", encoding="utf-8")
    said = run("compile", "tiny.arch", "--with", "hub", status=2).stderr
    assert "`hubconf.py` exists and was not written by archdsl" in said
    assert not (folder / "tiny.py").exists()
    assert (folder / "hubconf.py").read_text(encoding="utf-8") == "mine = 1\n"
    run("compile", "tiny.arch", "--with", "hub", "--force")
    assert "mine" not in (folder / "hubconf.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("output", ["-", "my-net.py", "net.txt", "hubconf.py", "class.py"])
def test_what_a_hubconf_cannot_import(run: Run, folder: Path, output: str) -> None:
    before = sorted(folder.iterdir())
    assert "hubconf.py" in run("compile", "tiny.arch", "--with", "hub", "-o", output, status=2).stderr
    assert sorted(folder.iterdir()) == before


# --- networks that do not fit --------------------------------------------------------------------------------------


def test_timm_takes_images(run: Run, folder: Path) -> None:
    text = "network n {\n  input signal: [3, 80]\n  input other: [3, 80]\n  ( signal | other ) -> add\n  output y\n}\n"
    (folder / "two.arch").write_text(text, encoding="utf-8")
    said = run("compile", "two.arch", "--with", "timm", status=2).stderr
    assert "error[E810]: timm takes networks of one image `[channels, height, width]`" in said
    assert "two.arch:3:" in said and not (folder / "n.py").exists()
    run("compile", "two.arch", "--with", "hf,hub")


@pytest.mark.parametrize(("library", "label"), [("timm", "forward_head"), ("hf", "push_to_hub")])
def test_a_label_that_the_library_wants(run: Run, folder: Path, library: str, label: str) -> None:
    text = f"network n {{\n  input image: [3, 8, 8]\n  {label}: conv(4, 3)\n  output y\n}}\n"
    (folder / "n.arch").write_text(text, encoding="utf-8")
    said = run("compile", "n.arch", "--with", library, status=2).stderr
    assert f"`{label}` is a method or attribute that {library} wants of the network" in said
    assert "n.arch:3:3" in said and f"such as `{label}_`" in said
    run("compile", "n.arch")


def test_names_of_a_spec_and_of_a_library(run: Run, folder: Path) -> None:
    """A network called as the library's function gives way."""
    text = "network register_model { input image: [3, 8, 8]; conv(4, 3); output y }\n"
    (folder / "n.arch").write_text(text, encoding="utf-8")
    source = run("compile", "n.arch", "--with", "timm", "-o", "-").stdout
    defined = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    assert "register_model" not in defined and len(defined) == 2


# --- templates -----------------------------------------------------------------------------------------------------


def own(folder: Path, **texts: str) -> None:
    (folder / "own").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "own" / f"{name}.py.j2").write_text(text, encoding="utf-8")


def test_a_template_takes_the_place_of_ours(run: Run, folder: Path) -> None:
    plain = run("compile", "tiny.arch", "-o", "-").stdout
    own(folder, factory='{% include "archdsl/factory.py.j2" %}\n\nBUILT = True\n')
    changed = run("compile", "tiny.arch", "--templates", "own", "-o", "-").stdout
    assert changed == plain + "\nBUILT = True\n"
    assert changed == archdsl.load("tiny.arch").source(templates="own")


def test_what_comes_with_archdsl_gives_the_same(run: Run, folder: Path) -> None:
    run("templates", "--copy", "own/deep")
    assert {p.relative_to(folder / "own/deep").as_posix() for p in (folder / "own/deep").rglob("*.*")} == set(
        template_names()
    )
    for with_ in ([], ["--with", "timm,hf"]):
        plain = run("compile", "tiny.arch", "-o", "-", *with_).stdout
        assert run("compile", "tiny.arch", "--templates", "own/deep", "-o", "-", *with_).stdout == plain
    run("compile", "tiny.arch", "--with", "hub", "-o", "a.py")
    plain = (folder / "hubconf.py").read_text(encoding="utf-8")
    run("compile", "tiny.arch", "--with", "hub", "--templates", "own/deep", "-o", "a.py")
    assert (folder / "hubconf.py").read_text(encoding="utf-8") == plain


def test_a_pasted_piece_of_ones_own(run: Run, folder: Path) -> None:
    piece = run("templates", "support/GlobalAvgPool.py").stdout
    (folder / "own" / "support").mkdir(parents=True)
    changed = piece.replace("x.flatten(2).mean(dim=2)", "x.flatten(2).mean(2)")
    assert changed != piece
    (folder / "own" / "support" / "GlobalAvgPool.py").write_text(changed, encoding="utf-8")
    assert "x.flatten(2).mean(2)" in run("compile", "tiny.arch", "--templates", "own", "-o", "-").stdout


def test_a_licence_in_front_keeps_the_file_ours(run: Run, folder: Path) -> None:
    own(folder, module='# Licence: mine.\n\n{% include "archdsl/module.py.j2" %}\n')
    for _ in range(2):
        run("compile", "tiny.arch", "--templates", "own")
    assert (folder / "tiny.py").read_text(encoding="utf-8").startswith('# Licence: mine.\n\n"""')


WRONG = {
    "syntax": ("a\n{% for x in %}\n", 2, "this is no template: "),
    "a field that is not there": ("{{ class.nam }}\n", 1, "a ClassView has no `nam`"),
    "a name that is not there": ("\n{{ klass }}\n", 2, "the template fails: 'klass' is undefined"),
    "a lost include": ('{% include "clas.py.j2" %}\n', 1, "there is no template `clas.py.j2`"),
    "out of the folder": ('{% include "../x" %}\n', 1, "there is no template `../x`"),
    "itself": ('{% include "class.py.j2" %}\n', 1, "calls or includes itself without end"),
    "a macro": ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}\n", 1, "itself without end"),
    "a loop": (
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}\n",
        1,
        "its loops take more than 2,000,000 rounds",
    ),
    "a long range": ("{% for a in range(100001) %}{% endfor %}\n", 1, "Range too big"),
    "a huge text": ('{{ "x" * 10 ** 12 }}\n', 1, "too large"),
    "a huge number": ("{{ 9 ** 9 ** 9 ** 9 }}\n", 1, "too large"),
    "padding": ('{{ "x".zfill(10 ** 12) }}\n', 1, "unsafe"),
    "a filter": ('{{ "x" | center(10 ** 12) }}\n', 1, "No filter named 'center'"),
    "doubling": (
        '{% set n = namespace(s="a") %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}\n',
        1,
        "too large",
    ),
    "adding": (
        '{% set n = namespace(s="a") %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}\n',
        1,
        "too large",
    ),
    "replacing": (
        '{{ ("a" * 1000) | replace("a", "b" * 1000) | replace("b", "c" * 100000) }}\n',
        1,
        "`replace` would give something too large",
    ),
    "joining": ('{{ range(90000) | join("x" * 1000) }}\n', 1, "`join` would give something too large"),
    "indenting": ('{{ "a" | indent(10 ** 12, true) }}\n', 1, "`indent` would give something too large"),
    "catching": (
        (
            '{% set n = namespace(s="a" * 1000) %}{% for i in range(60) %}{% set s %}{{ n.s }}{{ n.s }}{% endset %}'
            "{% set n.s = s %}{% endfor %}\n"
        ),
        1,
        "it gives more than 67,108,864 characters",
    ),
    "python": ("{{ class.__class__.__base__ }}\n", 1, "unsafe"),
    "a change": ("{{ module.classes.append(1) }}\n", 1, "has no attribute 'append'"),
    "division": ("{{ 1 / 0 }}\n", 1, "the template fails: division by zero"),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_of_templates(run: Run, folder: Path, case: str) -> None:
    text, line, said = WRONG[case]
    own(folder, **{"class": text})
    shown = run("compile", "tiny.arch", "--templates", "own", status=2).stderr
    assert shown.count("error[E708]") == 1 and said in shown
    assert f"own/class.py.j2:{line}:" in shown
    assert not (folder / "tiny.py").exists()


def test_what_is_no_python(run: Run, folder: Path) -> None:
    own(folder, factory="def (\n")
    shown = run("compile", "tiny.arch", "--templates", "own", status=2).stderr
    assert "what the templates give is no Python" in shown and "def (" in shown
    assert not (folder / "tiny.py").exists()


def test_what_is_no_folder_or_file(run: Run, folder: Path) -> None:
    assert "there is no such folder" in run("compile", "tiny.arch", "--templates", "own", status=2).stderr
    assert "it is no folder" in run("compile", "tiny.arch", "--templates", "tiny.arch", status=2).stderr
    own(folder, clas="")
    said = run("compile", "tiny.arch", "--templates", "own", status=2).stderr
    assert "no file of `own` takes the place of a template of archdsl" in said
    (folder / "own" / "class.py.j2").mkdir()
    assert "it is a folder" in run("compile", "tiny.arch", "--templates", "own", status=2).stderr
    (folder / "own" / "class.py.j2").rmdir()
    (folder / "own" / "class.py.j2").write_bytes(b"a\n\xff\n")
    said = run("compile", "tiny.arch", "--templates", "own", status=2).stderr
    assert "is not UTF-8" in said and "own/class.py.j2:2:1" in said
    (folder / "own" / "class.py.j2").write_text("x" * 1_100_000, encoding="utf-8")
    assert "more than 1,048,576 bytes" in run("compile", "tiny.arch", "--templates", "own", status=2).stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [("class GlobalAvgPool(\n", "this is no Python"), ("x = 1\n", "defines no `GlobalAvgPool`")],
)
def test_pieces_that_cannot_be_pasted(run: Run, folder: Path, text: str, said: str) -> None:
    (folder / "own" / "support").mkdir(parents=True)
    (folder / "own" / "support" / "GlobalAvgPool.py").write_text(text, encoding="utf-8")
    shown = run("compile", "tiny.arch", "--templates", "own", status=2).stderr
    assert said in shown and "own/support/GlobalAvgPool.py:1:1" in shown


def test_templates_are_listed_and_printed(run: Run, folder: Path) -> None:
    listed = run("templates").stdout
    assert all(name in listed for name in template_names())
    assert run("templates", "class.py.j2").stdout.startswith("{% for line in class.header %}")
    assert "did you mean `class.py.j2`?" in run("templates", "clas.py.j2", status=2).stderr


def test_copies_replace_nothing(run: Run, folder: Path) -> None:
    run("templates", "--copy", "own", "class.py.j2")
    assert [p.name for p in (folder / "own").iterdir()] == ["class.py.j2"]
    (folder / "own" / "class.py.j2").write_text("mine\n", encoding="utf-8")
    assert "was not written by archdsl" in run("templates", "--copy", "own", status=2).stderr
    assert (folder / "own" / "class.py.j2").read_text(encoding="utf-8") == "mine\n"
    assert not (folder / "own" / "module.py.j2").exists()
    (folder / "file").write_text("", encoding="utf-8")
    assert "cannot be made" in run("templates", "--copy", "file/own", status=2).stderr
