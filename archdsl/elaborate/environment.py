"""Names and what they mean at a place of the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from archdsl.graph.model import Definition
from archdsl.records import record
from archdsl.source import Span

Value = Any  # a value of the language: see elaborate/values.py


@record(eq=False)
class DefaultArguments:
    """What `default name(…)` statements say so far of the layer or block that `name` means."""

    target: object  # the layer class or the declaration
    arguments: Mapping[str, Value]


@dataclass(slots=True, eq=False)
class Frame:
    """One call of a block or network: what `in` is in its text, and who called."""

    name: str
    input: Any  # bundle (list of Tensor), POISON, or None: the network has several inputs
    call: Span | None = None
    caller: Frame | None = None
    definition: Definition | None = None
    depth: int = 0
    is_model: bool = False  # the network that is compiled (not one used as a block)
    statements: tuple[Any, ...] = ()
    network: Any = None  # the NetworkRun, if this is a network
    target: Any = None  # the declaration that is called
    values: Mapping[str, Value] = field(default_factory=dict)  # its parameters
    rough: tuple[object, ...] = ()  # what tells most calls of it apart
    given: Mapping[str, Any] = field(
        default_factory=dict
    )  # arguments (Given) by the parameter that takes them


class Outer(Protocol):
    """Where names are looked up beyond blocks: the file, its imports, the built-in ones."""

    def find(self, name: str) -> Value | None: ...

    def names(self) -> Mapping[str, Any]: ...

    def reported(self, span: Span) -> bool:
        """Whether the name at a place is already reported as not known."""


class Environment:
    """A scope: a block's body or a `{ }`, inside others, inside a file. `defaults` is replaced, never changed."""

    __slots__ = ("defaults", "frame", "outer", "parent", "variables")

    def __init__(
        self,
        outer: Outer,
        frame: Frame | None,
        defaults: Mapping[str, DefaultArguments],
        parent: Environment | None = None,
        variables: dict[str, Value] | None = None,
    ) -> None:
        self.outer = outer
        self.frame = frame
        self.defaults = defaults
        self.parent = parent
        self.variables: dict[str, Value] = {} if variables is None else variables

    def inner(self) -> Environment:
        """A scope inside this one."""
        return Environment(self.outer, self.frame, self.defaults, self)

    def local(self, name: str) -> Value | None:
        """The value that the block or a scope around gives the name, if any."""
        environment: Environment | None = self
        while environment is not None:
            value = environment.variables.get(name)
            if value is not None:
                return value
            environment = environment.parent
        return None

    def find(self, name: str) -> Value | None:
        value = self.local(name)
        return self.outer.find(name) if value is None else value

    def with_variables(self, variables: dict[str, Value]) -> Environment:
        """What a kept layer sees: these values, and beyond the block what this scope sees there."""
        return Environment(self.outer, self.frame, self.defaults, None, variables)
