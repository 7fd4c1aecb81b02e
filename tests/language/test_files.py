"""Imports: which files are read, and what is said of those that cannot be."""

from pathlib import Path

import pytest
from language_support import marks

import archdsl
from archdsl.api import Options, open_spec

USER = """from parts import wide
network n { input x: [4, 8, 8]; wide(8); output y }
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_name(path.name + ".arch")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def errors(path: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.load(path)
    return [(Path(d.span.source.name).name, d.span.line, d.code) for d in caught.value.diagnostics if d.is_error]


def test_beside(tmp_path: Path) -> None:
    write(tmp_path, main=USER, parts="block wide(c) { conv(c, 1) }")
    assert archdsl.load(tmp_path / "main.arch").params == 40


def test_dotted_and_alias(tmp_path: Path) -> None:
    text = "from .sub.parts import wide as w, k\nnetwork n { input x: [4, 8, 8]; w(k); output y }"
    write(tmp_path, main=text, sub__parts="let k = 8\nblock wide(c) { conv(c, 1) }")
    assert archdsl.load(tmp_path / "main.arch").params == 40


def test_what_an_import_brings(tmp_path: Path) -> None:
    text = """from parts import f, k, wide, inner
    network n { input x: [4, 8, 8]; wide(f(k)) -> inner; output y }
    model m = n
    """
    parts = """let k = 4
    def f(c) = 2 * c
    block wide(c) { conv(c, 1) }
    network inner { input x: [8, 8, 8]; conv(1, 1); output y }
    """
    write(tmp_path, main=text, parts=parts)
    assert archdsl.load(tmp_path / "main.arch").params == 40 + 9


def test_an_imported_file_keeps_its_own_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        main="from parts import wide\nlet k = 3\ndefault conv(bias=false)\n"
        "network n { input x: [4, 8, 8]; wide; output y }",
        parts="let k = 8\nblock wide { conv(k, 1) }",
    )
    assert archdsl.load(tmp_path / "main.arch").params == 40


def test_models_of_an_imported_file_are_not_models_here(tmp_path: Path) -> None:
    parts = "network inner(c) { input x: [4, 8, 8]; conv(c, 1); output y }\nmodel a = inner(2)\nmodel b = inner(3)"
    write(tmp_path, main="from parts import inner\nmodel m = inner(8)", parts=parts)
    assert archdsl.load(tmp_path / "main.arch").params == 40


def test_the_standard_library(tmp_path: Path) -> None:
    text = """from std.residual import residual
    network n { input x: [4, 8, 8]; residual(conv(4, 1)); output y }
    """
    assert archdsl.loads(text).params == 20


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, main=USER)
    assert errors(tmp_path / "main.arch") == [("main.arch", 1, "E701")]


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, main=USER, parts="block wider(c) { conv(c, 1) }")
    assert errors(tmp_path / "main.arch") == [("main.arch", 1, "E704")]


def test_a_cycle(tmp_path: Path) -> None:
    write(tmp_path, main="from a import x\n", a="from b import x\nblock y { relu }", b="from a import y\nblock x { y }")
    found = errors(tmp_path / "main.arch")
    assert [code for _, _, code in found] == ["E703"]


@pytest.mark.parametrize("line", ["from ..parts import wide", "from ...a.parts import wide"])
def test_outside(tmp_path: Path, line: str) -> None:
    write(tmp_path, parts="block wide(c) { conv(c, 1) }", inner__main=USER.replace("from parts import wide", line))
    assert errors(tmp_path / "inner" / "main.arch") == [("main.arch", 1, "E702")]


def test_a_link_outside(tmp_path: Path) -> None:
    write(tmp_path, parts="block wide(c) { conv(c, 1) }", inner__main=USER)
    (tmp_path / "inner" / "parts.arch").symlink_to(tmp_path / "parts.arch")
    assert errors(tmp_path / "inner" / "main.arch") == [("main.arch", 1, "E702")]


def test_not_utf8(tmp_path: Path) -> None:
    write(tmp_path, main=USER)
    (tmp_path / "parts.arch").write_bytes(b"block wide(c) { conv(c, 1) } # \xff")
    assert [code for _, _, code in errors(tmp_path / "main.arch")] == ["E705"]


def test_an_error_in_an_imported_file_is_shown_there(tmp_path: Path) -> None:
    parts = "let k = 3\nblock wide(c) { conv(cc, 1) }  #! E201\n"
    write(tmp_path, main=USER, parts=parts)
    assert errors(tmp_path / "main.arch") == [("parts.arch", line, code) for line, (code,) in marks(parts)]


def test_an_error_in_a_call_names_the_caller(tmp_path: Path) -> None:
    write(tmp_path, main=USER.replace("wide(8)", "wide(8, 9)"), parts="block wide(c) { conv(c, 1) }")
    assert errors(tmp_path / "main.arch") == [("main.arch", 2, "E205")]


def test_a_search_path(tmp_path: Path) -> None:
    write(tmp_path, a__main=USER, b__parts="block wide(c) { conv(c, 1) }")
    options = Options(search_paths=(tmp_path / "b",))
    assert open_spec(tmp_path / "a" / "main.arch", options=options).architecture().params == 40
    assert errors(tmp_path / "a" / "main.arch") == [("main.arch", 1, "E701")]


def test_expectations_are_not_for_other_sizes(tmp_path: Path) -> None:
    text = "network n { input x: [4, H=8, W=8]; conv(8, 1); output y; expect y.shape == [8, 8, 8] }"
    write(tmp_path, main=text)
    spec = open_spec(tmp_path / "main.arch")
    assert spec.architecture(inputs={"x": (4, 16, 8)}).outputs == {"y": [8, 16, 8]}
    with pytest.raises(archdsl.ArchError) as caught:
        spec.architecture(inputs={"x": (4, 16)})
    assert [d.code for d in caught.value.diagnostics] == ["E808"]
    with pytest.raises(archdsl.ArchError) as caught:
        spec.architecture(inputs={"z": (4, 16, 16)})
    assert [d.code for d in caught.value.diagnostics] == ["E807"]


GUARDED = """network n(depth = 4, mode = "a") {
  input x: [4, H=8, W=8]
  expect mode in ["a", "b"], "a or b"
  expect depth % 2 == 0, "an even depth"
  expect H >= 4, "at least 4 rows"
  let half = [2][depth % 2]
  conv(half * depth, 1)
  expect params == 40, "the figure of the paper"
  output y
  expect y.shape == [8, 8, 8], "the table's output"
}
model m = n
"""


def test_expectations_of_parameters_and_sizes_always_hold(tmp_path: Path) -> None:
    write(tmp_path, main=GUARDED)
    load = open_spec(tmp_path / "main.arch").architecture
    assert load(settings={"depth": 6}).outputs == {"y": [12, 8, 8]}
    assert load(settings={"mode": "b"}, inputs={"x": (4, 4, 9)}).outputs == {"y": [8, 4, 9]}
    asked: list[tuple[dict[str, object], dict[str, tuple[int, ...]], str]] = [
        ({"depth": 5}, {}, "an even depth"),  # and nothing of `half`, which follows from it
        ({"mode": "c"}, {}, "a or b"),
        ({}, {"x": (4, 2, 8)}, "at least 4 rows"),
    ]
    for settings, inputs, message in asked:
        with pytest.raises(archdsl.ArchError) as caught:
            load(settings=settings, inputs=inputs)
        assert [(d.code, d.message) for d in caught.value.diagnostics] == [
            ("E801", f"expectation failed: {message}")
        ]


def test_expectations_of_a_network_that_is_a_block(tmp_path: Path) -> None:
    write(tmp_path, main=GUARDED + "network outer { input z: [4, 9, 9]; n(6); output y }\nmodel o = outer")
    spec = open_spec(tmp_path / "main.arch")
    assert spec.architecture("o").outputs == {"y": [12, 9, 9]}  # the figures are those of the model m
    write(tmp_path, main=GUARDED + "network outer { input z: [4, 9, 9]; n(5); output y }\nmodel o = outer")
    with pytest.raises(archdsl.ArchError, match="an even depth"):
        open_spec(tmp_path / "main.arch").architecture("o")


def test_sizes_that_do_not_fit_have_no_consequences(tmp_path: Path) -> None:
    write(tmp_path, main="network n { input x: [4, H=8, W=8]; conv(H, 1) -> [H, H, W]; output y }")
    with pytest.raises(archdsl.ArchError) as caught:
        open_spec(tmp_path / "main.arch").architecture(inputs={"x": (8, 8)})
    assert [d.code for d in caught.value.diagnostics] == ["E808"]
