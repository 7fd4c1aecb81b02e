"""Programs that try to take all time or memory there is. Texts are generated, not stored.

Each says what `archdsl check` answers: the code of the diagnostic and the limit that it names, or nothing at all where
the program is large but right, and ends like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Files = dict[str, str | bytes]


@dataclass(frozen=True)
class Program:
    """A hostile program: its files, of which `main.arch` is checked, and what is expected of it."""

    name: str
    files: Callable[[], Files]
    code: str = ""  # of the one error; "" if it is right
    limit: str = ""  # named in the message
    arguments: tuple[str, ...] = ()
    quick: bool = True


@dataclass
class Table:
    """The programs by name."""

    quick: frozenset[str]
    programs: dict[str, Program] = field(default_factory=dict)

    def add(
        self,
        name: str,
        text: str | bytes | Callable[[], str | bytes | Files],
        code: str = "",
        limit: str = "",
        arguments: tuple[str, ...] = (),
    ) -> None:
        assert name not in self.programs, name

        def files() -> Files:
            made = text() if callable(text) else text
            return made if isinstance(made, dict) else {"main.arch": made}

        self.programs[name] = Program(name, files, code, limit, arguments, name in self.quick)

    def __iter__(self) -> Iterator[Program]:
        return iter(self.programs.values())


def network(body: str, before: str = "", image: str = "[3, 8, 8]") -> str:
    """A network around some statements."""
    return f"{before}\nnetwork n {{\n  input image: {image}\n{body}\n  output y\n}}\n"


def let(value: str, before: str = "") -> str:
    """A network that needs a value."""
    return network("  scale(1) -> scale(len([v]))", f"{before}\nlet v = {value}")


def numbered(count: int, form: str, joined: str = "\n") -> str:
    """A piece of text again and again; `{i}` is its number, `{p}` the one before."""
    return joined.join(form.format(i=i, p=i - 1) for i in range(1, count + 1))
