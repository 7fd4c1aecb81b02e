"""Texts that are read: those a user names, and those that specs import."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from archdsl.diagnostics import ArchError, Diagnostic, Label
from archdsl.diagnostics.near import nearest
from archdsl.limits import DEFAULT_LIMITS, Budget, Limits
from archdsl.marks import HEAD, is_marked
from archdsl.records import record
from archdsl.source import Source, Span, one_newline

#: A file that is written while it is read is read again, so many times in all.
_ATTEMPTS = 3
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

#: How files begin that are no text.
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive, as checkpoints of PyTorch are"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"\x7fELF", "a program"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
)
#: Files of other languages, by their suffix.
_LANGUAGES = {
    ".py": "Python",
    ".pyi": "Python",
    ".ipynb": "a notebook",
    ".json": "JSON",
    ".yaml": "YAML",
    ".yml": "YAML",
    ".toml": "TOML",
    ".svg": "an SVG picture",
    ".html": "HTML",
    ".md": "Markdown",
    ".dot": "DOT",
    ".gv": "DOT",
    ".csv": "a table",
}
_UTF16 = "it looks like UTF-16, or UTF-32: save it as UTF-8"


@record
class Found:
    """What lies under the name of an import: a file, something else (`reason`), or nothing."""

    path: Path | None = None
    outside: bool = False  # a link leads out of the folder
    reason: str = ""


def place_of(path: str | Path) -> Path | None:
    """The whole path, all links followed; None where there is none, as when the current folder is gone."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return None


def find(root: Path, parts: Sequence[str]) -> Found:
    """The regular file that a path below a folder means, all links followed. It stays in the folder."""
    named = root.joinpath(*parts)
    try:
        status = named.stat()
        real, folder = (Path(os.path.realpath(path, strict=True)) for path in (named, root))
    except FileNotFoundError:
        return Found(reason="it is a symbolic link that leads nowhere" if named.is_symlink() else "")
    except NotADirectoryError:
        return Found()
    except (OSError, ValueError) as error:
        return Found(reason=_reason(error))
    if not real.is_relative_to(folder):
        return Found(outside=True)
    if not stat.S_ISREG(status.st_mode):
        return Found(reason=_not_regular(status.st_mode))
    return Found(real)


def read_import(path: Path, root: Path, name: str, at: Span, used: Budget | None = None) -> Source:
    """The text of a file that `find` found in a folder. `name` is what users know it by, `at` the import, and `used`
    what all files of the spec take up.

    It never waits, and what is read is what lies in the folder when it has been opened, whatever links were made since.
    Raises ArchError (E701, E702, E705, E707, E904).
    """

    def hold(opened: os.stat_result) -> bool:
        if not stat.S_ISREG(opened.st_mode):
            raise _unreadable(name, at, _not_regular(opened.st_mode))
        real, folder = (Path(os.path.realpath(place, strict=True)) for place in (path, root))
        if not real.is_relative_to(folder):
            message = f"`{name}` has become a link that leads outside the folder of this file"
            raise ArchError([Diagnostic("E702", message, at)])
        return os.path.samestat(opened, real.stat())

    return _read(path, name, at, _NO_WAITING, hold, used)


def read_source(
    path: str | Path, name: str | None = None, at: Span | None = None, used: Budget | None = None
) -> Source:
    """The text of a spec. `name` is what users know it by; `at` is the place that asks for it; `used` is what all files
    of the spec take up.

    Pipes are read to their end. Raises ArchError (E701, E705, E707, E904).
    """

    def hold(opened: os.stat_result) -> bool:
        if stat.S_ISDIR(opened.st_mode):
            raise IsADirectoryError
        return True

    return _read(Path(path), str(path) if name is None else name, at, 0, hold, used)


def read_stdin(name: str = "<stdin>", used: Budget | None = None) -> Source:
    """The text on standard input. Raises ArchError."""
    used = used or Budget(DEFAULT_LIMITS)
    try:
        data = sys.stdin.buffer.read(_most(used))
    except (AttributeError, ValueError):
        raise _unreadable(name, None, "standard input is closed") from None
    except OSError as error:
        raise _unreadable(name, None, _reason(error)) from None
    return decode_source(data, name, None, used)


def _most(used: Budget) -> int:
    """The bytes that may still be read, and one more."""
    return max(used.limits.source_bytes - used.source_bytes, 0) + 1


def _read(
    path: Path,
    name: str,
    at: Span | None,
    flags: int,
    hold: Callable[[os.stat_result], bool],
    used: Budget | None,
) -> Source:
    """The text of a file; `hold` looks at what has been opened, and says whether it is what was meant."""
    used = used or Budget(DEFAULT_LIMITS)
    try:
        data = _stable(path, flags, hold, _most(used))
    except IsADirectoryError:
        raise _unreadable(name, at, "it is a folder", _inside(path)) from None
    except FileNotFoundError:
        if path.is_symlink():
            raise _unreadable(name, at, "the symbolic link leads nowhere") from None
        raise _unreadable(name, at, "there is no such file", _similar(path)) from None
    except (OSError, ValueError) as error:
        raise _unreadable(name, at, _reason(error)) from None
    if data is None:
        raise _unreadable(name, at, "it changes while it is read", "wait until it is written")
    if kind := _foreign(data, path.suffix.lower()):
        span = at or Span(Source(name, ""), 0, 0)
        mend = "a spec is a text in the language of archdsl; its name ends in `.arch`"
        raise ArchError([Diagnostic("E707", f"`{name}` is no spec: {kind}", span, help=mend)])
    return decode_source(data, name, at, used)


def _stable(path: Path, flags: int, hold: Callable[[os.stat_result], bool], most: int) -> bytes | None:
    """The bytes of a file, up to so many; None if it changed or was replaced each time while they were read."""
    for _ in range(_ATTEMPTS):
        with open(os.open(path, os.O_RDONLY | _BINARY | flags), "rb") as file:
            before = os.fstat(file.fileno())
            if not hold(before):
                continue
            data = file.read(most)
            after = os.fstat(file.fileno())
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if same or not stat.S_ISREG(before.st_mode):
            return data
    return None


def decode_source(data: bytes, name: str, at: Span | None = None, used: Budget | None = None) -> Source:
    r"""The text in bytes: UTF-8 without its mark, each `\r\n` and `\r` a newline. Raises ArchError (E705, E904)."""
    used = used or Budget(DEFAULT_LIMITS)
    used.source_bytes += len(data)
    if used.source_bytes > used.limits.source_bytes:
        raise ArchError([too_large(name, at or Span(Source(name, ""), 0, 0), used.limits)])
    body = data.removeprefix(b"\xef\xbb\xbf")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) or 4 * data.count(0) > len(data)
    try:
        text = one_newline(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        source = Source(name, one_newline(body.decode("utf-8", "replace")))
        start = len(one_newline(body[: error.start].decode("utf-8")))
        told, bad = f"`{name}` is not UTF-8", body[error.start]
    else:
        start, bad = text.find("\0"), 0
        if start < 0:
            return Source(name, text)
        source, told = Source(name, text), f"`{name}` is no text"
    if wide:  # every second character would be odd
        place = at or Span(Source(name, ""), 0, 0)
        raise ArchError([Diagnostic("E705", f"`{name}` is not UTF-8", place, help=_UTF16)])
    found = Diagnostic(
        "E705",
        told,
        Span(source, start, start + 1),
        f"the byte 0x{bad:02x}",
        (Label(at, "asked for here"),) if at else (),
        help="save it as UTF-8" if bad else "save it as text, in UTF-8",
    )
    raise ArchError([found])


def too_large(name: str, at: Span, limits: Limits) -> Diagnostic:
    """What is said of a file with which a spec is larger than it may be."""
    message = f"with `{name}`, the spec has more than {limits.source_bytes:,} bytes"
    return Diagnostic("E904", message, at, help=limits.mend("source_bytes"))


def _foreign(data: bytes, suffix: str) -> str:
    """What a file is that is no spec for certain, as the end of a sentence."""
    for start, kind in _KINDS:
        if data.startswith(start):
            return f"it is {kind}"
    if suffix == ".arch":
        return ""
    if data and not data.startswith(b"#") and is_marked(data[:HEAD], data[-HEAD:]):
        return "archdsl wrote it"
    return f"it is {_LANGUAGES[suffix]}" if suffix in _LANGUAGES else ""


def _not_regular(mode: int) -> str:
    return "it is a folder" if stat.S_ISDIR(mode) else "it is no regular file"


def _reason(error: OSError | ValueError) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return reason[:1].lower() + reason[1:]


def _unreadable(name: str, at: Span | None, reason: str, help: str = "") -> ArchError:
    span = at or Span(Source(name, ""), 0, 0)
    return ArchError([Diagnostic("E701", f"`{name}` cannot be read: {reason}", span, help=help)])


def _inside(folder: Path) -> str:
    try:
        found = sorted(p.name for p in folder.iterdir() if p.suffix == ".arch")
    except OSError:
        return ""
    return f"name a file in it, as `{folder / found[0]}`" if found else ""


def _similar(path: Path) -> str:
    try:
        names = sorted(p.name for p in path.parent.iterdir() if p.suffix == ".arch")
    except (OSError, ValueError):
        return ""
    name = path.name if path.suffix else f"{path.name}.arch"
    close = [name] if name in names else nearest(name, names)
    return f"there is `{path.with_name(close[0])}`" if close else ""
