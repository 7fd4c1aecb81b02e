"""The disk: what belongs to archdsl, what it reads and what it writes. With the command line, all its I/O.

`grammar/`, `templates/` and `specs/` lie in the package in a wheel, and beside it in a checkout or an
editable install.
"""

from __future__ import annotations

import os
import stat
import sys
from functools import cache
from pathlib import Path

from archdsl.diagnostics import ArchError, Diagnostic, Label
from archdsl.marks import HEAD, is_marked
from archdsl.source import Source, Span

#: The largest text that is read, in bytes.
MAX_SOURCE = 16 * 1024 * 1024

_PACKAGE = Path(__file__).resolve().parent


class OutputError(Exception):
    """A file cannot be written, or must not be. What was there stays."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@cache
def _room(name: str) -> Path:
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the installation of archdsl lacks its folder {name}/")


def grammar_text() -> str:
    """The grammar of the language, `grammar/arch.lark`."""
    return (_room("grammar") / "arch.lark").read_text(encoding="utf-8")


def template_root() -> Path:
    """The folder of the templates of generated modules."""
    return _room("templates")


def specs_root() -> Path:
    """The folder of the specs that come with archdsl."""
    return _room("specs")


def std_root() -> Path:
    """The folder of the standard library of the language."""
    return specs_root() / "std"


def page_text(code: str) -> str | None:
    """The page of a diagnostic, if it has one."""
    path = _PACKAGE / "diagnostics" / "pages" / f"{code}.md"
    return path.read_text(encoding="utf-8").rstrip("\n") if path.is_file() else None


def cache_dir() -> Path | None:
    """A folder of the user's own for what can be made again, or None where there can be none.

    `ARCHDSL_CACHE_DIR` names it (empty: no cache); otherwise it is `archdsl` in the user's folder of caches.
    A folder that another user owns or may write to is not used.
    """
    named = os.environ.get("ARCHDSL_CACHE_DIR")
    if named == "":
        return None
    try:
        folder = Path(named).absolute() if named else _user_caches() / "archdsl"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except (OSError, RuntimeError, ValueError):
        return None
    if sys.platform != "win32" and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _user_caches() -> Path:
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if xdg.is_absolute():
        return xdg
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def read_source(path: str | Path, name: str | None = None, at: Span | None = None) -> Source:
    """The text of a spec. `name` is what users know it by; `at` is the place that asks for it, an import.

    Raises ArchError (E701, E705, E904).
    """
    name = str(path) if name is None else name
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SOURCE + 1)
    except IsADirectoryError:
        raise _unreadable(name, at, "it is a folder", _inside(Path(path))) from None
    except FileNotFoundError:
        raise _unreadable(name, at, "there is no such file", _similar(Path(path))) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(name, at, reason[:1].lower() + reason[1:]) from None
    return decode_source(data, name, at)


def read_stdin(name: str = "<stdin>") -> Source:
    """The text on standard input. Raises ArchError."""
    try:
        data = sys.stdin.buffer.read(MAX_SOURCE + 1)
    except (AttributeError, OSError, ValueError):
        raise _unreadable(name, None, "standard input is closed") from None
    return decode_source(data, name)


def decode_source(data: bytes, name: str, at: Span | None = None) -> Source:
    r"""The text in bytes: UTF-8 without its mark, each `\r\n` a newline. Raises ArchError (E705, E904)."""
    if len(data) > MAX_SOURCE:
        nowhere = Source(name, "")
        span = at or Span(nowhere, 0, 0)
        limit = f"{MAX_SOURCE // 1024**2} MiB"
        raise ArchError([Diagnostic("E904", f"`{name}` is larger than {limit}, the most that is read", span)])
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(name, body.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        source = Source(name, body.decode("utf-8", "replace").replace("\r\n", "\n"))
        start = len(body[: error.start].decode("utf-8").replace("\r\n", "\n"))
        bad = body[error.start]
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        raise ArchError(
            [
                Diagnostic(
                    "E705",
                    f"`{name}` is not UTF-8",
                    Span(source, start, start + 1),
                    f"the byte 0x{bad:02x}",
                    (Label(at, "asked for here"),) if at else (),
                    help="it looks like UTF-16: save it as UTF-8" if wide else "save it as UTF-8",
                )
            ]
        ) from None


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
    from difflib import get_close_matches

    try:
        names = sorted(p.name for p in path.parent.iterdir() if p.suffix == ".arch")
    except (OSError, ValueError):
        return ""
    close = get_close_matches(path.name if path.suffix else f"{path.name}.arch", names, 1)
    return f"there is `{path.with_name(close[0])}`" if close else ""


def write_text(path: str | Path, text: str, force: bool = False) -> None:
    """Write a text as UTF-8, as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"), force)


def write_bytes(path: str | Path, data: bytes, force: bool = False) -> None:
    """Write a file whole or not at all. Raises OutputError, and then what was there is there still.

    A file that archdsl did not write is replaced only by `force`; a folder or a device never is. A symbolic
    link is written through: it stays, and the file it leads to is held to the same rules; one that leads
    nowhere is refused.
    """
    try:
        target = _target(Path(path), force)
        temporary = target.with_name(f".{target.name[:100]}.{os.urandom(6).hex()}.tmp")
        _replace(temporary, target, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"`{path}` cannot be written: {reason[:1].lower()}{reason[1:]}") from None
    except ValueError as error:  # a name with a null character
        raise OutputError(f"`{path}` cannot be written: {error}") from None


def _target(path: Path, force: bool) -> Path:
    """The file to replace or to make. Raises OutputError and OSError."""
    try:
        linked = stat.S_ISLNK(path.lstat().st_mode)
        status = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise OutputError(f"`{path}` is a symbolic link that leads nowhere", "remove the link") from None
        if not path.parent.is_dir():
            raise OutputError(
                f"there is no folder `{path.parent}`", f"make it: mkdir -p {path.parent}"
            ) from None
        return path
    if stat.S_ISDIR(status.st_mode):
        raise OutputError(f"`{path}` is a folder", "name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise OutputError(f"`{path}` is no regular file", "`-o -` writes to standard output")
    target = path.resolve(strict=True) if linked else path
    if not os.access(target, os.W_OK):
        raise OutputError(f"`{path}` is write-protected")
    if not force and not _is_ours(target):
        raise OutputError(
            f"`{path}` exists and was not written by archdsl",
            "`--force` overwrites it, `-o` names another file",
        )
    return target


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, path.stat().st_size - HEAD))
        return is_marked(head, file.read(HEAD))


def _replace(temporary: Path, target: Path, data: bytes) -> None:
    """Write beside the target, then rename over it: there is no moment at which half a file stands there."""
    try:
        with temporary.open("xb") as file:
            file.write(data)
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
