"""The parser as a whole: examples, the cache of the grammar, threads, and texts made at random."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.diagnostics.core import Collector
from archdsl.source import Source
from archdsl.syntax import ast, parser
from archdsl.syntax.parser import parse, parse_expression
from tests.syntax.sexpr import sexpr

EXAMPLES = sorted((Path(__file__).parent / "data").glob("*.arch"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_of_the_design(path: Path) -> None:
    collector = Collector()
    tree = parse(Source(path.name, path.read_text(encoding="utf-8")), collector)
    assert not collector.diagnostics
    assert isinstance(tree, ast.File)
    assert tree.doc
    assert tree.declarations


def test_all_errors_of_syntax_and_no_cascade() -> None:
    collector = Collector()
    tree = parse(Source("test", "block a { x = ) }\nblock { bn ->\n ? }\nblock c { bn }"), collector)
    assert tree is not None
    assert [found.span.text for found in collector.diagnostics] == [")", "{", "?"]
    assert sexpr(tree) == (
        "(block a () {(broken 'x =')}) (broken 'block { bn ->\\n ? }' (broken 'bn ->')) (block c () {bn})"
    )


def test_mistakes_that_do_not_hide_the_meaning_cost_no_tree() -> None:
    collector = Collector()
    tree = parse(Source("test", 'block a { output x\n f("\\q", 3x)\n "y" }'), collector)
    assert isinstance(tree, ast.File)
    assert [found.code for found in collector.diagnostics] == ["E107", "E104", "E105", "E106"]


def test_nothing_is_left_from_the_text_before() -> None:
    for text in ("block a { output x", "network n { output y; (", 'block a { "x{', "block a { output x }"):
        parse(Source("test", text), Collector())
    collector = Collector()
    assert parse(Source("test", "block a { }"), collector) is not None
    assert not collector.diagnostics


# --- expressions of the command line -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("3", "3"),
        ("  [3, 4, 6, 3] ", "[3 4 6 3]"),
        ("bottleneck", "bottleneck"),
        ("conv(3) -> bn", "(-> (conv of 3) bn)"),
        ("2 * 3\n", "(* 2 3)"),
        ("\n2", "2"),
    ],
)
def test_expression_alone(text: str, tree: str) -> None:
    assert sexpr(parse_expression(Source("--set", text), Collector())) == tree


@pytest.mark.parametrize(
    "text", ["", " ", "#", "1 2", "1\n2", "1; 2", "x = 3", "let x = 3", "block a { }", ")"]
)
def test_no_expression(text: str) -> None:
    collector = Collector()
    assert parse_expression(Source("--set", text), collector) is None
    assert len(collector.diagnostics) == 1


# --- the cache of the compiled grammar -----------------------------------------------------------------


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A parser that is not loaded yet, with a cache of its own."""
    monkeypatch.setattr(parser, "_engines", [])
    monkeypatch.setenv("ARCHDSL_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def works() -> bool:
    return sexpr(parse(Source("test", 'let x = "a{1 + 2}"'), Collector())) == "(let x (text 'a' (+ 1 2)))"


def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Notes each time that the grammar is compiled."""
    found: list[Any] = []

    class Counting(parser.Lark):  # type: ignore[misc]
        def __init__(self, *args: Any, **named: Any) -> None:
            found.append(args)
            super().__init__(*args, **named)

    monkeypatch.setattr(parser, "Lark", Counting)
    return found


def test_the_grammar_is_compiled_once(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compilations(monkeypatch)
    for _ in range(3):
        parser._engines.clear()
        assert works()
    assert len(compiled) == 1
    (kept,) = fresh.iterdir()
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", [None, {}, [1, 2], ({}, {}), ({"parser": 1}, {0: {}})])
def test_a_cache_that_holds_no_grammar_is_replaced(
    fresh: Path, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parser, "_as_data", lambda made: value)
    assert works()
    monkeypatch.undo()
    monkeypatch.setenv("ARCHDSL_CACHE_DIR", str(fresh))
    compiled = compilations(monkeypatch)
    for _ in range(3):
        parser._engines.clear()
        assert works()
    assert len(compiled) == 1


@pytest.mark.parametrize("content", [b"", b"nonsense", pickle.dumps({}), bytes(100_000)])
def test_a_broken_cache_is_replaced(fresh: Path, content: bytes) -> None:
    assert works()
    (kept,) = fresh.iterdir()
    kept.write_bytes(content)
    parser._engines.clear()
    assert works()
    assert len(kept.read_bytes()) > 10_000 and kept.read_bytes() != content
    assert list(fresh.iterdir()) == [kept]


def test_a_truncated_cache_is_replaced(fresh: Path) -> None:
    assert works()
    (kept,) = fresh.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    parser._engines.clear()
    assert works()
    assert len(kept.read_bytes()) > 10_000


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_cache_that_others_may_write_is_not_read(
    fresh: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert works()
    (kept,) = fresh.iterdir()
    kept.chmod(mode)
    compiled = compilations(monkeypatch)
    for _ in range(2):
        parser._engines.clear()
        assert works()
    assert len(compiled) == 1  # and what is written then is the user's alone
    assert kept.stat().st_mode & 0o077 == 0


def test_a_link_in_the_cache_is_not_read(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert works()
    (kept,) = fresh.iterdir()
    kept.unlink()
    kept.mkdir()
    parser._engines.clear()
    assert works()


def test_it_works_without_a_cache(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHDSL_CACHE_DIR", "")
    assert works()
    parser._engines.clear()
    monkeypatch.setenv("ARCHDSL_CACHE_DIR", "/proc/nowhere")
    assert works()
    assert not fresh.exists()


def test_it_works_where_the_cache_cannot_be_written(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that is full, or for a user without rights, whom root cannot play by modes."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for method in ("touch", "write_bytes", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(Path, method, refuse)
            parser._engines.clear()
            assert works()
        assert list(fresh.iterdir()) == []


def test_it_works_where_the_package_cannot_be_written(tmp_path: Path) -> None:
    """A copy of archdsl without the right to write anywhere in it keeps its grammar in the user's folder."""
    root = Path(__file__).parents[2]
    for name in ("archdsl", "grammar", "specs", "templates"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    code = (
        "import sys, archdsl, archdsl.syntax.parser as p\n"
        "assert archdsl.__file__.startswith(sys.argv[1])\n"
        "compiled = []\n"
        "class Counting(p.Lark):\n"
        "    def __init__(self, *a, **k): compiled.append(1); super().__init__(*a, **k)\n"
        "p.Lark = Counting\n"
        "archdsl.load(sys.argv[1] + '/specs/densenet121.arch'); print(len(compiled))"
    )
    with tempfile.TemporaryDirectory() as home:
        names = {"PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": home, "PYTHONDONTWRITEBYTECODE": "1"}
        environment = {k: v for k, v in os.environ.items() if k != "ARCHDSL_CACHE_DIR"} | names
        command = [sys.executable, "-c", code, str(tmp_path)]
        said = [
            subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=True)
            for _ in range(2)
        ]
        assert [done.stdout.strip() for done in said] == ["1", "0"]
        (kept,) = Path(home, "archdsl").iterdir()
        assert kept.name.startswith("grammar-")
    for path in (tmp_path, *tmp_path.rglob("*")):  # so that pytest can take it away
        path.chmod(0o755)


def test_another_grammar_has_another_cache(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert works()
    text = parser.grammar_text()
    monkeypatch.setattr(parser, "grammar_text", lambda: text + "\n// changed\n")
    parser._engines.clear()
    assert works()
    assert len(list(fresh.iterdir())) == 2


@pytest.mark.parametrize("which", ["lark", "python"])
def test_another_version_has_another_cache(which: str, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert works()
    (before,) = fresh.iterdir()
    monkeypatch.setattr(*((parser.lark, "__version__") if which == "lark" else (sys, "version")), "another")
    parser._engines.clear()
    compiled = compilations(monkeypatch)
    assert works()
    assert len(compiled) == 1
    (after,) = set(fresh.iterdir()) - {before}
    after.replace(before)  # the file of the one under the name of the other
    monkeypatch.undo()
    monkeypatch.setenv("ARCHDSL_CACHE_DIR", str(fresh))
    compiled = compilations(monkeypatch)
    parser._engines.clear()
    assert works()
    assert len(compiled) == 1


def test_many_processes_may_fill_the_cache(tmp_path: Path) -> None:
    code = (
        "from archdsl.syntax.parser import parse\nfrom archdsl.source import Source\n"
        "from archdsl.diagnostics.core import Collector\nassert parse(Source('x', 'let x = 1'), Collector())"
    )
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "ARCHDSL_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": root}
    runs = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(4)]
    assert [run.wait() for run in runs] == [0] * 4
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_threads_do_not_disturb_each_other() -> None:
    def run(number: int) -> str:
        collector = Collector()
        tree = parse(
            Source(
                f"{number}",
                f'block a{number} {{ "x{{i + {number}}}": b; c ? d' * (number % 2)
                or f'let x{number} = "{{y{number}}}"',
            ),
            collector,
        )
        return collector.diagnostics[0].span.source.name if collector.diagnostics else sexpr(tree)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run, range(200)))
    assert found == [f"{n}" if n % 2 else f"(let x{n} (text y{n}))" for n in range(200)]


# --- at random -----------------------------------------------------------------------------------------

WORDS = [
    *["block", "network", "model", "def", "let", "share", "default", "input", "output", "expect", "from", "import", "as", "takes", "extern"],
    *["if", "elif", "else", "for", "in", "it", "and", "or", "not", "true", "false", "when", "training", "x", "y", "conv", "_", "1", "2.5", "3x3", "4K"],
    *["+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "~", "->", "|", ",", ";", ":", "=", ".", "(", ")", "[", "]", "{", "}", "(", ")", "[", "]", "{", "}"],
    '"a"', '"a{x}"', '"{"', '"\\q"', "\n", "\n", "\n\n", "# c\n", "'s'", "=>", "?", "é", "3x", '"open', ".5",
]  # fmt: skip


def examine(text: str) -> None:
    source = Source("test", text)
    collector = Collector()
    tree = parse(source, collector)
    assert (tree is not None) or len(collector.diagnostics) >= 1
    for found in collector.diagnostics:
        assert found.code in ("E101", "E102", "E103", "E104", "E105", "E106", "E107", "E904")
        assert found.message
        for span in (found.span, *(label.span for label in found.labels)):
            assert 0 <= span.start <= span.end <= len(text)
            assert span.source is source


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_words_at_random(text: str) -> None:
    examine(text)


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_words_at_random_in_a_body(text: str) -> None:
    examine(f"network n {{ {text} }}")


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_characters_at_random(text: str) -> None:
    examine(text)


TEXTS = [path.read_text(encoding="utf-8") for path in EXAMPLES]


@given(st.sampled_from(TEXTS), st.integers(0, 10_000), st.integers(0, 20), st.sampled_from([*WORDS, ""]))
@settings(max_examples=150, deadline=None)
def test_examples_with_a_piece_changed(text: str, at: int, size: int, word: str) -> None:
    at %= len(text)
    examine(text[:at] + word + text[at + size :])


@pytest.mark.parametrize("text", TEXTS[:3])
def test_examples_cut_off_anywhere(text: str) -> None:
    for end in range(0, len(text), 11):
        examine(text[:end])
