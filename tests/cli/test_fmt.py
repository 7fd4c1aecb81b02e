"""`archdsl fmt`."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from archdsl.formatting.formatting import Unfaithful
from tests.cli.conftest import TINY, Run

LOOSE = "let a=1   # one\nblock b{conv( 8,3 )->bn}\n"
TIGHT = "let a = 1  # one\nblock b { conv(8, 3) -> bn }\n"


@pytest.fixture
def loose(folder: Path) -> Path:
    """A spec that is not in canonical layout."""
    path = folder / "loose.arch"
    path.write_text(LOOSE, encoding="utf-8")
    return path


def test_files(run: Run, loose: Path, folder: Path) -> None:
    result = run("fmt", "tiny.arch", "loose.arch", "./loose.arch")
    assert result.stdout == ""
    assert result.stderr == "reformatted loose.arch\n1 file reformatted, 1 left as it is\n"
    assert loose.read_text(encoding="utf-8") == TIGHT
    assert (folder / "tiny.arch").read_text(encoding="utf-8") == TINY
    assert run("fmt", "loose.arch").stderr == "1 file left as it is\n"


def test_folders(run: Run, folder: Path) -> None:
    for name in ("x.arch", "sub/y.arch", ".hidden/z.arch", "sub/.w.arch", "sub/note.txt"):
        (folder / "all" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "all" / name).write_text(LOOSE, encoding="utf-8")
    result = run("fmt", "--check", "all", status=1)
    assert result.stderr.splitlines() == [
        "would reformat all/sub/y.arch",
        "would reformat all/x.arch",
        "2 files would be reformatted",
    ]
    assert run("fmt", "all").stderr.endswith("2 files reformatted\n")
    assert (folder / "all" / ".hidden" / "z.arch").read_text(encoding="utf-8") == LOOSE
    (folder / "none").mkdir()
    assert "there is no .arch file in `none`" in run("fmt", "none", status=2).stderr


def test_check(run: Run, loose: Path) -> None:
    result = run("fmt", "--check", "tiny.arch", "loose.arch", status=1)
    assert result.stderr == "would reformat loose.arch\n1 file would be reformatted, 1 left as it is\n"
    assert result.stdout == ""
    assert loose.read_text(encoding="utf-8") == LOOSE
    assert run("fmt", "--check", "tiny.arch").stderr == "1 file left as it is\n"


DIFF = """\
--- loose.arch
+++ loose.arch
@@ -1,2 +1,2 @@
-let a=1   # one
-block b{conv( 8,3 )->bn}
+let a = 1  # one
+block b { conv(8, 3) -> bn }
"""


def test_diff(run: Run, loose: Path) -> None:
    result = run("fmt", "--diff", "loose.arch", "tiny.arch")
    assert result.stdout == DIFF
    assert result.stderr.endswith("1 file would be reformatted, 1 left as it is\n")
    assert loose.read_text(encoding="utf-8") == LOOSE
    assert run("fmt", "--diff", "--check", "loose.arch", status=1).stdout == DIFF
    colored = run("fmt", "--diff", "--color", "always", "loose.arch").stdout
    assert "\x1b[31m-let a=1   # one\x1b[0m\n" in colored and "\x1b[32m+let a = 1  # one\x1b[0m\n" in colored
    assert "\x1b[36m@@ -1,2 +1,2 @@\x1b[0m" in colored


def test_diff_shows_no_control_characters(run: Run, folder: Path) -> None:
    (folder / "odd.arch").write_text("let a=1  # \x07 bell\n", encoding="utf-8")
    result = run("fmt", "--diff", "odd.arch")
    assert "\x07" not in result.stdout and "bell" in result.stdout


def test_standard_input(run: Run) -> None:
    result = run("fmt", "-", input=LOOSE)
    assert (result.stdout, result.stderr) == (TIGHT, "1 file reformatted\n")
    assert run("fmt", "-", input=TIGHT).stdout == TIGHT
    checked = run("fmt", "--check", "-", "--stdin-filename", "net.arch", input=LOOSE, status=1)
    assert (checked.stdout, checked.stderr.splitlines()[0]) == ("", "would reformat net.arch")
    assert "--- net.arch" in run("fmt", "--diff", "-", "--stdin-filename", "net.arch", input=LOOSE).stdout
    assert "only once" in run("fmt", "-", "-", input=LOOSE, status=2).stderr


def test_mistakes_of_syntax_leave_a_file_alone(run: Run, loose: Path, folder: Path) -> None:
    wrong = "block b { conv(8 3) }\n"
    (folder / "wrong.arch").write_text(wrong, encoding="utf-8")
    result = run("fmt", "wrong.arch", "loose.arch", status=1)
    assert "error[E101]" in result.stderr and " --> wrong.arch:1:" in result.stderr
    assert result.stderr.endswith("reformatted loose.arch\n1 file reformatted, 1 not formatted\n")
    assert (folder / "wrong.arch").read_text(encoding="utf-8") == wrong
    assert loose.read_text(encoding="utf-8") == TIGHT
    assert run("fmt", "-", input=wrong, status=1).stdout == ""


def test_other_mistakes_do_not_matter(run: Run, folder: Path) -> None:
    text = (folder / "bad.arch").read_text(encoding="utf-8")
    (folder / "bad.arch").write_text(text.replace("(8, 3)", "( 8,3 )"), encoding="utf-8")
    run("fmt", "bad.arch")
    assert (folder / "bad.arch").read_text(encoding="utf-8") == text


def test_what_cannot_be_read(run: Run, folder: Path) -> None:
    (folder / "net.py").write_text("x = 1\n", encoding="utf-8")
    (folder / "latin.arch").write_bytes(b"# \xe9\n")
    result = run("fmt", "nope.arch", "net.py", "latin.arch", status=2)
    assert [code for code in ("E701", "E707", "E705") if code in result.stderr] == ["E701", "E707", "E705"]
    assert result.stderr.endswith("3 files not formatted\n")
    assert (folder / "net.py").read_text(encoding="utf-8") == "x = 1\n"


def test_line_ends_and_marks(run: Run, loose: Path) -> None:
    r"""Lines end with `\n`, and there is no mark of UTF-8: that alone is a change."""
    for data in (TIGHT.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + TIGHT.encode()):
        loose.write_bytes(data)
        run("fmt", "--check", "loose.arch", status=1)
        assert loose.read_bytes() == data
        run("fmt", "loose.arch")
        assert loose.read_bytes() == TIGHT.encode()


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links as POSIX has them")
def test_modes_and_links(run: Run, loose: Path, folder: Path) -> None:
    loose.chmod(0o640)
    (folder / "link.arch").symlink_to("loose.arch")
    run("fmt", "link.arch", "loose.arch")
    assert (folder / "link.arch").is_symlink()
    assert loose.read_text(encoding="utf-8") == TIGHT
    assert stat.S_IMODE(loose.stat().st_mode) == 0o640
    assert not list(folder.glob(".*archdsl-tmp"))


def test_a_file_that_changes_meanwhile(run: Run, loose: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archdsl.cli import fmt

    def slow(source: object, path: object, options: object) -> str:
        loose.write_text("# new\n", encoding="utf-8")
        return TIGHT

    monkeypatch.setattr(fmt, "canonical", slow)
    said = run("fmt", "loose.arch", status=2).stderr
    assert said == "error: `loose.arch` has been changed meanwhile\n1 file not formatted\n"
    assert loose.read_text(encoding="utf-8") == "# new\n"


def test_mistakes_of_the_formatter(run: Run, loose: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archdsl.cli import fmt

    def wrong(source: object, path: object, options: object) -> str:
        raise Unfaithful("a comment would be lost")

    monkeypatch.setattr(fmt, "canonical", wrong)
    result = run("fmt", "loose.arch", status=2)
    assert result.stderr.splitlines() == [
        "error: internal error: `loose.arch` cannot be formatted: a comment would be lost",
        "help: it is left as it is; please report this, with the spec",
        "1 file not formatted",
    ]
    assert loose.read_text(encoding="utf-8") == LOOSE


def test_limits(run: Run, loose: Path) -> None:
    result = run("fmt", "loose.arch", "--limit", "words=5", status=1)
    assert "E904" in result.stderr and loose.read_text(encoding="utf-8") == LOOSE
