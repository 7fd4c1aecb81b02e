"""What is read: files of all kinds, imports that stay in their folders, and nothing that a spec brings in is run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import archdsl
from archdsl.api import ArchError, Options, open_spec
from archdsl.diagnostics import Diagnostic
from archdsl.resources import reading
from tests.cli.conftest import PAIR, TINY, Run, folder, run

__all__ = ["folder", "run"]

ROOT = Path(__file__).parents[2]
PART = "block part { conv(8, 1) }\n"
USER = "from parts import part\nnetwork n { input x: [4, 8, 8]; part; output y }\n"


def fault(path: Path, options: Options | None = None) -> Diagnostic:
    """The one mistake of a spec."""
    with pytest.raises(ArchError) as caught:
        open_spec(path, options=options).architecture()
    (found,) = [d for d in caught.value.diagnostics if d.is_error]
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a spec that imports `parts`, which is not there, and a file outside that it must not have."""
    (tmp_path / "outside.arch").write_text(PART)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "main.arch").write_text(USER)
    return tmp_path / "home"


def limited(function: Callable[[], Diagnostic]) -> Diagnostic:
    """What a function gives within seconds: a test that waits for a pipe would wait forever."""
    found: list[Diagnostic] = []
    thread = threading.Thread(target=lambda: found.append(function()), daemon=True)
    thread.start()
    thread.join(20)
    assert found
    return found[0]


# imports


def test_links_inside_are_followed(home: Path) -> None:
    (home / "real").mkdir()
    (home / "real" / "there.arch").write_text(PART)
    (home / "parts.arch").symlink_to(Path("real") / "there.arch")
    assert archdsl.load(home / "main.arch").params == 40


def test_links_outside_are_not(home: Path) -> None:
    (home / "parts.arch").symlink_to(home.parent / "outside.arch")
    assert fault(home / "main.arch").code == "E702"


def test_folders_outside_are_not(home: Path) -> None:
    (home.parent / "other").mkdir()
    (home.parent / "other" / "parts.arch").write_text(PART)
    (home / "sub").symlink_to(home.parent / "other")
    (home / "main.arch").write_text(USER.replace("from parts", "from sub.parts"))
    assert fault(home / "main.arch").code == "E702"
    options = Options(search_paths=(home.parent / "other",))
    (home / "main.arch").write_text(USER)
    assert open_spec(home / "main.arch", options=options).architecture().params == 40


def test_a_folder_beside_with_a_longer_name_is_outside(home: Path) -> None:
    (home.parent / "home2").mkdir()
    (home.parent / "home2" / "parts.arch").write_text(PART)
    (home / "sub").symlink_to(home.parent / "home2")
    (home / "main.arch").write_text(USER.replace("from parts", "from sub.parts"))
    assert fault(home / "main.arch").code == "E702"


def test_a_spec_that_is_a_link_lives_where_it_leads(home: Path) -> None:
    """As a program of Python that is a link: what lies beside the link is not read."""
    (home / "parts.arch").write_text(PART)
    (home.parent / "link.arch").symlink_to(home / "main.arch")
    assert archdsl.load(home.parent / "link.arch").params == 40
    (home.parent / "parts.arch").write_text(PART.replace("8", "2"))
    assert archdsl.load(home.parent / "link.arch").params == 40
    (home / "parts.arch").unlink()
    assert fault(home.parent / "link.arch").code == "E701"


def test_the_library_is_not_shadowed(home: Path) -> None:
    (home / "std").mkdir()
    (home / "std" / "residual.arch").write_text("block residual(b: layer) { conv(1, 1) }")
    text = USER.replace("part;", "residual(conv(4, 1));").replace(
        "parts import part", "std.residual import residual"
    )
    (home / "main.arch").write_text(text)
    assert archdsl.load(home / "main.arch").params == 20
    (home / "main.arch").write_text(text.replace("from std", "from .std"))
    assert archdsl.load(home / "main.arch").params == 5


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (os.mkfifo, "it is no regular file"),
        (os.mkdir, "it is a folder"),
        (lambda path: socket.socket(socket.AF_UNIX).bind(str(path)), "it is no regular file"),
        (lambda path: path.symlink_to("nowhere"), "it is a symbolic link that leads nowhere"),
        (lambda path: path.symlink_to(path), "too many levels of symbolic links"),
    ],
    ids=["pipe", "folder", "socket", "dangling", "loop"],
)
def test_what_is_no_file(
    make: Callable[[Path], None], reason: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)  # names of sockets are short
    make(Path("parts.arch"))
    found = limited(lambda: fault(home / "main.arch"))
    assert found.code == "E701"
    assert found.message == f"`parts.arch` cannot be read: {reason}"
    assert (found.span.line, found.span.text) == (1, "parts")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/stdin", "/proc/self/environ", "/etc/passwd"])
def test_devices_and_files_of_the_system(device: str, home: Path) -> None:
    if not Path(device).exists():
        pytest.skip(f"there is no {device}")
    (home / "parts.arch").symlink_to(device)
    assert limited(lambda: fault(home / "main.arch")).code == "E702"


def test_a_name_too_long(home: Path) -> None:
    (home / "main.arch").write_text(USER.replace("parts", "p" * 300))
    found = fault(home / "main.arch")
    assert found.code == "E701" and found.message.endswith("file name too long")
    assert len(found.message) < 150


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read(home: Path) -> None:
    (home / "parts.arch").write_text(PART)
    (home / "parts.arch").chmod(0)
    assert fault(home / "main.arch").message.endswith("parts.arch` cannot be read: permission denied")
    (home / "sub").mkdir(mode=0)
    (home / "main.arch").write_text(USER.replace("from parts", "from sub.parts"))
    assert fault(home / "main.arch").message.endswith("sub/parts.arch` cannot be read: permission denied")


def test_a_file_that_becomes_a_link(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at a file and its opening nobody gets another one read."""
    parts, real = home / "parts.arch", reading.find
    parts.write_text(PART)

    def find(*arguments: object) -> reading.Found:
        found = real(*arguments)  # type: ignore[arg-type]
        parts.unlink()
        parts.symlink_to(home.parent / "outside.arch")
        return found

    monkeypatch.setattr("archdsl.resources.find", find)
    assert fault(home / "main.arch").code == "E702"


def test_a_folder_that_becomes_a_link_for_a_moment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was opened is another file than the one that lies there: it is read again, and that one is."""
    (home / "parts.arch").write_text(PART)
    real, opened = os.open, []

    def open_(path: Path, *arguments: int) -> int:
        opened.append(path)
        other = home.parent / "outside.arch" if len(opened) == 2 else path  # the spec itself is the first
        return real(other, *arguments)

    (home.parent / "outside.arch").write_text("block part { conv(99, 1) }")
    monkeypatch.setattr(os, "open", open_)
    assert archdsl.load(home / "main.arch").params == 40
    assert len(opened) == 3


def test_a_pipe_that_a_file_becomes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, real = home / "parts.arch", reading.find
    parts.write_text(PART)

    def find(*arguments: object) -> reading.Found:
        found = real(*arguments)  # type: ignore[arg-type]
        parts.unlink()
        os.mkfifo(parts)
        return found

    monkeypatch.setattr("archdsl.resources.find", find)
    found = limited(lambda: fault(home / "main.arch"))
    assert found.message.endswith("it is no regular file")


# what a spec brings in is not run


def test_extern_packages_are_not_imported(tmp_path: Path) -> None:
    (tmp_path / "trap.py").write_text("open('sprung', 'w').close()\nclass E: pass\n")
    (tmp_path / "net.arch").write_text(
        'extern block e { python = "trap.E()"; shape = in.shape; params = 0; macs = 0 }\n'
        "network n { input x: [3, 8, 8]; e; output y }\n"
    )
    for arguments in (["check"], ["compile"], ["draw"], ["summary"], ["summary", "--format", "json"]):
        done = subprocess.run(
            [sys.executable, "-m", "archdsl", arguments[0], "net.arch", *arguments[1:]],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert not (tmp_path / "sprung").exists()


# files as people have them

SOUND = {
    "no newline at the end": TINY.rstrip("\n").encode(),
    "CRLF": TINY.replace("\n", "\r\n").encode(),
    "CR": TINY.replace("\n", "\r").encode(),
    "all of them": TINY.replace("\n", "\r\n", 2).replace("{\n", "{\r").encode(),
    "a mark": b"\xef\xbb\xbf" + TINY.encode(),
    "tabs and blanks": TINY.replace("  ", "\t").replace("\n", " \t\n").encode(),
    "form feeds": TINY.replace("\n", "\f\n").encode(),
    "empty lines": b"\n\n" + TINY.replace("\n", "\n\n").encode(),
    "a comment at the end": TINY.encode() + b"# the end",
}


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND)
def test_sound_files(data: bytes, run: Run, folder: Path) -> None:
    text = run("compile", "tiny.arch", "-o", "-").stdout
    (folder / "tiny.arch").write_bytes(data)
    assert run("compile", "tiny.arch", "-o", "-").stdout == text
    assert run("check", "-", input=data).stderr.endswith("1 file, 1 model: clean\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("before", "column"), [("\t", 2), ("/**/", 1), ('"\U0001f600": ', 6), ('"한": ', 6), ('"e\u0301": ', 7)]
)
def test_lines_and_columns(newline: str, mark: str, before: str, column: int, run: Run, folder: Path) -> None:
    """They count from 1, in characters, in every format."""
    before = before.replace("/**/", "")
    lines = ["# \U0001f600", "network n {", "\tinput x: [3, 8, 8]", f"{before}rellu", "output y", "}"]
    (folder / "n.arch").write_bytes((mark + newline.join(lines)).encode())
    assert f"--> n.arch:4:{column}\n" in run("check", "n.arch", status=1).stderr
    assert run("check", "n.arch", "--format", "concise", status=1).stdout.startswith(f"n.arch:4:{column}: ")
    (found,) = json.loads(run("check", "n.arch", "--format", "json", status=1).stdout)
    assert (found["line"], found["column"], found["end_column"]) == (4, column, column + 5)
    assert f"line=4,col={column}," in run("check", "n.arch", "--format", "github", status=1).stdout
    log = json.loads(run("check", "n.arch", "--format", "sarif", status=1).stdout)
    region = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (4, column, column + 5)


def test_a_file_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, real = tmp_path / "tiny.arch", os.fstat
    path.write_text(TINY)
    looks: list[int] = []

    def fstat(number: int) -> os.stat_result:
        looks.append(number)
        if len(looks) in changes:
            path.write_text(path.read_text() + "# more\n")
        return real(number)

    monkeypatch.setattr(os, "fstat", fstat)
    changes = {2}
    assert reading.read_source(path).text == TINY + "# more\n"
    looks.clear()
    changes = {2, 4, 6}
    with pytest.raises(ArchError, match="it changes while it is read"):
        reading.read_source(path)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there are no files for pipes")
def test_pipes(tmp_path: Path) -> None:
    (tmp_path / "tiny.arch").write_text(TINY)
    (tmp_path / "parts.arch").write_text(PART)
    os.mkfifo(tmp_path / "pipe")
    for words in (
        "archdsl check <(cat tiny.arch)",
        "cat tiny.arch | archdsl check /dev/stdin",
        "cat tiny.arch | archdsl check - tiny.arch ./tiny.arch tiny.arch",
        "archdsl check - < tiny.arch",
        "cat tiny.arch > pipe & archdsl check pipe",
        "printf 'from parts import part\\nnetwork n { input x: [4, 8, 8]; part; output y }' | archdsl check -",
    ):
        command = words.replace("archdsl", f"'{sys.executable}' -m archdsl")
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr[-6:]) == (0, "clean\n"), (words, done.stderr)


def test_many_files_and_the_same_twice(run: Run, folder: Path) -> None:
    for number in range(50):
        (folder / f"n{number}.arch").write_text(PAIR)
    files = [f"n{number}.arch" for number in range(50)]
    assert run("check", *files).stderr == "50 files, 100 models: clean\n"
    assert run("check", "bad.arch", "./bad.arch", status=1).stderr.endswith("1 file, 1 model: 2 errors\n")


def test_names_of_no_file(run: Run, folder: Path) -> None:
    assert "there is no such file" in run("check", "*.none", status=2).stderr
    assert "No such option" in run("check", "-x.arch", status=2).stderr
    (folder / "-x.arch").write_text(PAIR)
    assert run("check", "--", "-x.arch").exit_code == 0
    assert "standard input can be read only once" in run("check", "-", "-", status=2).stderr


def test_without_a_current_folder(tmp_path: Path) -> None:
    (tmp_path / "tiny.arch").write_text(TINY)
    gone = tmp_path / "gone"
    for words, status in (
        ("check -", 0),
        (f"check {tmp_path}/tiny.arch", 0),
        ("check tiny.arch", 2),
        ("compile -", 2),
    ):
        gone.mkdir()
        done = subprocess.run(
            ["bash", "-c", f"rmdir '{gone}'; '{sys.executable}' -m archdsl {words} < '{tmp_path}/tiny.arch'"],
            cwd=gone,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, (words, done.stderr)
        assert "internal error" not in done.stderr
