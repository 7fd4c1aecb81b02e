"""Templates at work: Jinja on finished strings, a user's own templates in front of ours."""

from __future__ import annotations

import ast
import re
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archdsl.diagnostics import ArchError, Diagnostic
from archdsl.diagnostics.near import did_you_mean
from archdsl.emit import views
from archdsl.resources import check_template_folder, own_template, shipped_template, template_names
from archdsl.source import Source, Span

if TYPE_CHECKING:
    import jinja2

#: A file that a template gives is not larger, and a template takes no more steps of its loops.
MOST_CHARACTERS = 64 * 1024 * 1024
MOST_STEPS = 2_000_000
_SUPPORT = "support/"
_START = "`archdsl templates --copy DIR` makes a folder to start from"
#: How Jinja says that a view has no such field.
_LOST = re.compile(r"'archdsl\.emit\.views\.(\w+) object' has no attribute '(\w+)'")
_OURS = "archdsl/"


class Library:
    """The templates and the pasted pieces of one run."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` has templates that take the place of ours. Raises ArchError (E708)."""
        self._folder = folder
        self._own: dict[str, Source] = {}
        if folder is not None:
            check_template_folder(folder)
            self._own = _own_templates(folder)
            if not self._own:
                message = f"no file of `{folder}` takes the place of a template of archdsl"
                raise _wrong(message, Span(Source(str(folder), ""), 0, 0), _START, _names())

    @property
    def changed(self) -> bool:
        """Whether any text is not ours."""
        return self._folder is not None

    def support(self) -> dict[str, str]:
        """The pasted pieces by name."""
        found = dict(shipped_support())
        for name, source in self._own.items():
            if name.startswith(_SUPPORT):
                found[Path(name).stem] = source.text.strip()
        return found

    def render(self, name: str, **given: object) -> str:
        """What a template gives. Raises ArchError (E708) where one of the user's cannot be used."""
        if self._folder is None:
            return _shipped_environment().get_template(name).render(given)
        text = self._rendered(name, given)
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 1
            place = _line(Source(f"what {name} gives", text), line)
            said = getattr(error, "msg", str(error))
            raise _wrong(f"what the templates give is no Python: {said}", place) from None
        return text

    def _rendered(self, name: str, given: dict[str, object]) -> str:
        import jinja2

        from archdsl.emit.sandbox import TooMuch, sandbox

        read: dict[str, Source] = {}

        def load(wanted: str) -> tuple[str, str, None] | None:
            source = self._source(wanted)
            if source is None:
                return None
            read[source.name] = source
            return source.text, source.name, None

        pieces: list[str] = []
        size = 0
        try:
            environment = sandbox(jinja2.FunctionLoader(load), MOST_STEPS)
            for piece in environment.get_template(name).generate(given):
                size += len(piece)
                if size > MOST_CHARACTERS:
                    raise TooMuch(f"it gives more than {MOST_CHARACTERS:,} characters")
                pieces.append(piece)
        except ArchError:
            raise
        except Exception as error:  # whatever the user's template does
            raise self._fault(error, name, read) from None
        return "".join(pieces)

    def _source(self, name: str) -> Source | None:
        """A template by its name, the user's first; `archdsl/NAME` is ours."""
        ours = name.removeprefix(_OURS)
        if name != ours:
            return shipped_template(ours) if ours in template_names() else None
        if name in self._own:
            return self._own[name]
        if name in template_names():
            return shipped_template(name)
        assert self._folder is not None
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts
        return own_template(self._folder, name) if inside else None

    def _fault(self, error: Exception, name: str, read: dict[str, Source]) -> ArchError:
        """What a template did wrong, at its line."""
        import jinja2

        source, line = self._place(error, name, read)
        help = ""
        if isinstance(error, jinja2.TemplateNotFound):
            message = f"there is no template `{error.name}`"
            help = did_you_mean(str(error.name).removeprefix(_OURS), list(template_names()))
        elif isinstance(error, jinja2.TemplateSyntaxError):
            message = f"this is no template: {error.message}"
        elif isinstance(error, RecursionError):
            message = "the template calls or includes itself without end"
        elif lost := _LOST.fullmatch(str(error)):
            view = next((t for t in _views() if t.__name__ == lost[1]), None)
            message = f"a {lost[1]} has no `{lost[2]}`"
            help = did_you_mean(lost[2], [f.name for f in fields(view)] if view is not None else [])
        else:
            message = f"the template fails: {str(error) or type(error).__name__}"
        return _wrong(message.rstrip("."), _line(source, line), help)

    def _place(self, error: Exception, name: str, read: dict[str, Source]) -> tuple[Source, int]:
        """The innermost line of a template on the way to an error."""
        filename, line = getattr(error, "filename", None), getattr(error, "lineno", None)
        if filename in read and isinstance(line, int):
            return read[filename], line
        found = self._source(name) or Source(name, ""), 1
        trace = error.__traceback__
        while trace is not None:
            where = trace.tb_frame.f_code.co_filename
            if where in read:
                found = read[where], trace.tb_lineno
            trace = trace.tb_next
        return found


def _own_templates(folder: Path) -> dict[str, Source]:
    """Those of a folder that take the place of ours. Pieces of Python have to define what they are named for."""
    found: dict[str, Source] = {}
    for name in template_names():
        source = own_template(folder, name)
        if source is None:
            continue
        found[name] = source
        if name.startswith(_SUPPORT):
            _check_piece(source, Path(name).stem)
    return found


def _check_piece(source: Source, name: str) -> None:
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        said = getattr(error, "msg", str(error))
        raise _wrong(f"this is no Python: {said}", _line(source, line)) from None
    defined = {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    if name not in defined:
        raise _wrong(f"`{source.name}` defines no `{name}`", _line(source, 1))


def _names() -> str:
    """The templates, and a word on the pasted pieces, of which there are many."""
    names = [f"`{name}`" for name in template_names() if not name.startswith(_SUPPORT)]
    return (
        f"the templates are {', '.join(names)}; `archdsl templates` lists the pieces in `{_SUPPORT}` as well"
    )


def _wrong(message: str, place: Span, help: str = "", note: str = "") -> ArchError:
    return ArchError([Diagnostic("E708", message, place, notes=(note,) if note else (), help=help)])


def _views() -> list[type]:
    return [kind for kind in vars(views).values() if isinstance(kind, type) and is_dataclass(kind)]


def _line(source: Source, number: int) -> Span:
    """The text of a line, counted from 1."""
    starts = source.line_starts
    at = starts[max(0, min(number, len(starts)) - 1)]
    text = source.line(max(1, min(number, len(starts))))
    blank = len(text) - len(text.lstrip())
    return Span(source, at + blank, at + max(len(text.rstrip()), blank))


@cache
def shipped_support() -> dict[str, str]:
    """The pasted pieces that come with archdsl, by name."""
    names = [name for name in template_names() if name.startswith(_SUPPORT)]
    return {Path(name).stem: shipped_template(name).text.strip() for name in names}


@cache
def _shipped_environment() -> jinja2.Environment:
    import jinja2

    def load(name: str) -> str | None:
        return shipped_template(name).text if name in template_names() else None

    return jinja2.Environment(loader=jinja2.FunctionLoader(load), **settings())


def settings() -> dict[str, Any]:
    """How templates are read: what they print is text of Python, and a name that is not there is a mistake."""
    import jinja2

    return {
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
        "autoescape": False,
    }
