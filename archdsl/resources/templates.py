"""Templates of generated modules: those of a user's folder first, then those that come with archdsl."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path

from archdsl.diagnostics import ArchError, Diagnostic
from archdsl.resources.rooms import template_root
from archdsl.source import Source, Span, one_newline

#: A template, or a piece of Python that is pasted, is not larger.
MOST_BYTES = 1024 * 1024
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


@cache
def template_names() -> tuple[str, ...]:
    """The names of all templates and pasted pieces that come with archdsl: `class.py.j2`, `support/Affine.py`."""
    root = template_root()
    found = [*root.glob("*.j2"), *root.glob("support/*.py")]
    return tuple(sorted(path.relative_to(root).as_posix() for path in found))


def shipped_template(name: str) -> Source:
    """A template as it comes with archdsl; `name` is one of `template_names`."""
    return Source(f"archdsl/templates/{name}", (template_root() / name).read_text(encoding="utf-8"))


def own_template(folder: Path, name: str) -> Source | None:
    """A template of a user's folder, None if there is none of the name. Raises ArchError (E708).

    A link may lead out of the folder. What would wait for others, such as a pipe, is refused.
    """
    path = folder / name
    try:
        with open(os.open(path, os.O_RDONLY | _NO_WAITING), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _unreadable(path, "it is no regular file")
            data = file.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise _unreadable(path, "it is a symbolic link that leads nowhere") from None
        return None
    except IsADirectoryError:
        raise _unreadable(path, "it is a folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, reason[:1].lower() + reason[1:]) from None
    if len(data) > MOST_BYTES:
        raise _unreadable(path, f"it has more than {MOST_BYTES:,} bytes")
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        before = one_newline(data[: error.start].decode("utf-8", "replace"))
        source = Source(str(path), one_newline(data.decode("utf-8", "replace")))
        place = Span(source, len(before), len(before) + 1)
        message = f"the template `{path}` is not UTF-8"
        raise ArchError([Diagnostic("E708", message, place, help="save it as UTF-8")]) from None
    return Source(str(path), one_newline(text))


def check_template_folder(folder: Path) -> None:
    """Raises ArchError (E708) where there is no such folder."""
    if not folder.is_dir():
        reason = "it is no folder" if folder.exists() else "there is no such folder"
        raise _unreadable(folder, reason, "`archdsl templates --copy DIR` makes a folder to start from")


def _unreadable(path: Path, reason: str, help: str = "") -> ArchError:
    span = Span(Source(str(path), ""), 0, 0)
    return ArchError([Diagnostic("E708", f"`{path}` cannot be read: {reason}", span, help=help)])
