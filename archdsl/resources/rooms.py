"""Where things lie: what comes with archdsl, and the user's folder for what can be made again.

`grammar/`, `templates/` and `specs/` lie in the package in a wheel, and beside it in a checkout or an
editable install.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


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


@cache
def diagram_part(name: str) -> str:
    """A part of the page that a diagram can be: `page.html`, `draw.js`."""
    return (_room("templates") / "diagram" / name).read_text(encoding="utf-8")


def specs_root() -> Path:
    """The folder of the specs that come with archdsl."""
    return _room("specs")


def std_root() -> Path:
    """The folder of the standard library of the language."""
    return specs_root() / "std"


def page_text(code: str) -> str:
    """The page of a code of the catalogue, as `archdsl.diagnostics.page` reads it."""
    return (_PACKAGE / "diagnostics" / "pages" / f"{code}.md").read_text(encoding="utf-8")


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
