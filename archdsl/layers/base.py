"""How a layer is declared: once, with everything that the other stages want to know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, Generic, TypeVar, overload

from archdsl.layers.form import Expr, Form
from archdsl.layers.kinds import Kind, Mismatch
from archdsl.layers.page import KEEPS, Example, Formula
from archdsl.layers.shape import Shape

T = TypeVar("T")


class Aspect(Enum):
    """What of a shape is to blame."""

    SHAPE = "shape"
    CHANNELS = "channels"
    SIZES = "sizes"

    def of(self, x: Shape) -> object:
        """That of a shape."""
        return (
            (x.dims, x.tokens)
            if self is Aspect.SHAPE
            else x.channels
            if self is Aspect.CHANNELS
            else x.spatial
        )


class LayerError(Exception):
    """A layer cannot be applied to what arrives.

    `code` is of the catalogue; `parameter` names the argument to blame, `member` the arriving tensor (its
    index); `members` are texts to stand at the lines that made the arriving tensors; `aspect` is what of their
    shapes is to blame.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "E504",
        parameter: str | None = None,
        member: int | None = None,
        members: Mapping[int, str] | None = None,
        aspect: Aspect = Aspect.SHAPE,
        notes: Sequence[str] = (),
        help: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.parameter = parameter
        self.member = member
        self.members = dict(members or {})
        self.aspect = aspect
        self.notes = tuple(notes)
        self.help = help


class ArgumentError(Exception):
    """The value of one parameter of a layer is of no use (E601), or contradicts another one (E602)."""

    def __init__(self, parameter: str, message: str, help: str = "", *, code: str = "E601") -> None:
        super().__init__(message)
        self.parameter = parameter
        self.message = message
        self.help = help
        self.code = code


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()


class Param(Generic[T]):
    """A parameter of a layer: its kind, default (absent: required) and documentation.

    A default of None means "derived from the input or from other arguments"; `shown` is what the reference
    then writes for it (`stride=kernel`). Where an int that stands by its position alone would be mistaken for
    this parameter, `by_name` says what to write instead, and the int is refused. `elsewhere` are the words,
    with blanks between, that other libraries have for it.
    """

    name: str

    def __init__(
        self,
        kind: Kind[T],
        doc: str,
        default: Any = REQUIRED,
        *,
        shown: str = "",
        by_name: str = "",
        elsewhere: str = "",
    ) -> None:
        self.kind = kind
        self.doc = doc
        self.default = default
        self.shown = shown
        self.by_name = by_name
        self.elsewhere = tuple(elsewhere.split())

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Param[T]: ...
    @overload
    def __get__(self, instance: Layer, owner: type) -> T: ...
    def __get__(self, instance: Layer | None, owner: type) -> Param[T] | T:
        if instance is None:
            return self
        value: T = instance.__dict__[self.name]  # only for the type checker: the instance's own value wins
        return value

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


class Layer:
    """A layer with its arguments. Subclasses state shapes, weights, cost, PyTorch form and drawing.

    Shapes are channels first and without the batch. `xs` are the shapes that arrive, `ys` those that leave.
    """

    name: str
    group: str
    params: ClassVar[dict[str, Param[Any]]]
    #: the converted defaults by name
    defaults: ClassVar[dict[str, Any]]
    #: names of the parameters without a default
    required: ClassVar[tuple[str, ...]]
    #: a join takes a bundle; every other layer takes one tensor
    is_join: ClassVar[bool] = False
    #: a join of one tensor gives that tensor
    passes_one: ClassVar[bool] = True
    #: takes one tensor or a bundle, and is no join: its rule of shapes says how many
    takes_bundle: ClassVar[bool] = False
    #: what a drawing writes into the circle of a join; its line of text if there is no such sign
    sign: ClassVar[str] = ""
    #: gives what arrives: nothing is built
    is_identity: ClassVar[bool] = False
    #: gives what arrives, or a part of it, in another shape: nothing is computed or copied
    is_view: ClassVar[bool] = False
    #: what leaves is a tensor of its own: it shares no memory with what arrives, nor with a weight
    makes_new: ClassVar[bool] = False
    #: its gradients are worked out from what leaves
    keeps_output: bool = False
    #: it has a form that writes what it gives over the first tensor that it takes, and a rewrite has chosen that form
    can_be_in_place: ClassVar[bool] = False
    in_place: bool = False

    def writes_over(self) -> bool:
        """Whether there is such a form for its arguments."""
        return self.can_be_in_place

    #: no value that leaves is below 0; that is what it is for
    makes_positive: ClassVar[bool] = False
    leaves_positive: ClassVar[bool] = False
    #: a function of each value that never falls where the value rises
    never_falls: ClassVar[bool] = False
    #: the order of its members makes no difference
    commutes: ClassVar[bool] = False
    #: gives what arrives in evaluation: only training has it
    is_training_only: ClassVar[bool] = False
    #: a linear map of the channels with a `weight` and perhaps a `bias`: the axis of the weight that lies along the
    #: channels that leave
    weight_axis: ClassVar[int | None] = None
    #: a linear map of the positions, the same one for each channel, without weights: it commutes with a linear map of
    #: the channels
    maps_positions: ClassVar[bool] = False
    #: of an activation: it holds each value between these two, and is nothing else
    bounds: ClassVar[tuple[float, float] | None] = None
    #: joins, `identity`, `scale` and shape operations other than `flatten` are no modules and take no name
    is_module: ClassVar[bool] = True
    #: one bare parameter: its label (or name) names the parameter itself
    is_parameter: ClassVar[bool] = False
    #: the shape rule in a sentence or two
    rule: ClassVar[str]
    #: the shape rule as a formula; None where only words can say it
    formula: ClassVar[Formula | None] = None
    #: the number of trained parameters, as an expression over the names of the formula
    trained: ClassVar[str] = "0"
    #: multiply-accumulates for one sample, likewise
    cost: ClassVar[str] = "0"
    #: the layer in use, the usual way first
    examples: ClassVar[tuple[Example, ...]]
    #: what other libraries call it, in small letters, without `_` and a `2d` at the end; not where that is its name
    elsewhere: ClassVar[tuple[str, ...]] = ()
    #: parameters of other libraries' layers that follow from what arrives, and are not written here
    inferred: ClassVar[tuple[str, ...]] = ()
    #: the Python module that its class is imported from, where that is not PyTorch's: `antialiased`
    package: str = ""
    #: figures (`params`, `macs`) that nobody knows of it, and that count as 0
    uncounted: tuple[str, ...] = ()
    #: parameters that are spatial sizes, which a module can read from a tensor where the text takes them from one
    sized: ClassVar[frozenset[str]] = frozenset()
    #: trained elements beside those of `weights`: the module has them under names of its own
    unnamed: int = 0

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Convert the values; missing ones take their defaults. Raises ArgumentError."""
        own = self.__dict__  # values live under their parameter's name, in front of the Param of the class
        own.update(self.defaults)
        self.given = frozenset(values)  # what the text states, by an argument or a `default`
        for name in self.required:
            if name not in values:
                raise ArgumentError(name, f"`{self.name}` needs `{name}`")
        for name, value in values.items():
            own[name] = self._convert(name, value)
        self.check()

    @classmethod
    def misfits(cls, values: Mapping[str, Any]) -> list[ArgumentError]:
        """What is wrong with the single values, each by itself."""
        found: list[ArgumentError] = []
        for name, value in values.items():
            try:
                cls._convert(name, value)
            except ArgumentError as error:
                found.append(error)
        return found

    @classmethod
    def _convert(cls, name: str, value: Any) -> Any:
        param = cls.params.get(name)
        if param is None:
            raise ArgumentError(name, f"`{cls.name}` has no parameter `{name}`")
        try:
            return param.kind.convert(value)
        except Mismatch as mismatch:
            raise ArgumentError(
                name, f"`{name}` of `{cls.name}` is {mismatch.expected}, not {mismatch.found}", mismatch.help
            ) from None

    def check(self) -> None:
        """Hold the arguments against each other. Raises ArgumentError."""

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Shapes that leave. Raises LayerError."""
        raise TypeError(f"{type(self).__name__} states no shape rule")

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """Trained parameters by PyTorch's name, with their shapes, in PyTorch's order.

        The one parameter of a layer with `is_parameter` has the key "": it takes the layer's own name.
        """
        return {}

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """What state_dict() holds beside the weights (running statistics), with shapes."""
        return {}

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        """Multiply-accumulates of convolutions, linear layers and matrix products for one sample."""
        return 0

    def moved(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        """Elements that it reads and writes for one sample, those of its weights apart."""
        return 0 if self.is_view else sum(shape.numel for shape in (*xs, *ys))

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        """Whether a linear map is the same at every position: no zeros of a padding come in.

        What has one value for each channel then leaves with one value for each channel; where it is a map of the
        positions, with the same one.
        """
        return False

    def is_pointwise(self, xs: tuple[Shape, ...]) -> bool:
        """Whether it is the same linear map of the channels at every position, each by itself."""
        return False

    @property
    def takes_largest(self) -> bool:
        """Whether each value that leaves is the largest of some that arrive."""
        return False

    @property
    def keeps_positive(self) -> bool:
        """Whether no value that leaves is below 0 where none that arrives is."""
        return False

    @property
    def keeps_input(self) -> bool:
        """Whether its gradients are worked out from what arrives."""
        return not self.is_view

    @property
    def has_modes(self) -> bool:
        """Whether it computes something else in training than in evaluation."""
        return self.is_training_only

    def gives_what_arrives(self, xs: tuple[Shape, ...]) -> bool:
        """Whether it gives the one tensor that arrives, for these shapes and all others of their rank."""
        return self.is_identity or (self.is_join and self.passes_one and len(xs) == 1)

    def inside(self, xs: tuple[Shape, ...]) -> tuple[tuple[int, ...], ...]:
        """Sizes of what is computed on the way and may be larger than what leaves, for one sample."""
        return ()

    def least_batch(self, xs: tuple[Shape, ...], *, training: bool) -> int:
        """Samples that PyTorch wants in a batch."""
        return 1

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Form:
        """What the layer is in PyTorch."""
        raise TypeError(f"{type(self).__name__} states no PyTorch form")

    def sized_form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], sizes: Mapping[str, Expr]) -> Form:
        """The same where the module reads some of its arguments, those of `sized`, from tensors as it runs."""
        raise TypeError(f"{type(self).__name__} states no PyTorch form with sizes that are read")

    def is_module_of(self, other: Layer) -> bool:
        """Whether one module can be both: the one that a shared layer built, and this use of it."""
        return self is other

    def describe(self, xs: tuple[Shape, ...]) -> str:
        """A short line for drawings: `conv 3×3, 64, /2`."""
        return self.name

    def roles(self, members: int) -> tuple[str, ...]:
        """What so many members are to it, for drawings: `1`, `2`. Nothing where their order makes no difference, or
        is that of the features."""
        return ()

    def values(self) -> dict[str, Any]:
        """The converted arguments by name."""
        own = self.__dict__
        return {name: own[name] for name in self.params}

    def __repr__(self) -> str:
        inside = ", ".join(f"{k}={v!r}" for k, v in self.values().items())
        return f"{self.name}({inside})"


class UnaryLayer(Layer):
    """A layer of one tensor that gives one; its rules are written on single shapes."""

    rule = "The shape stays."
    formula = KEEPS

    def shape(self, x: Shape) -> Shape:
        """Shape that leaves. Raises LayerError."""
        return x

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (self.shape(xs[0]),)


REGISTRY: dict[str, type[Layer]] = {}

L = TypeVar("L", bound=Layer)


def layer(name: str, group: str, elsewhere: str = "", inferred: str = "") -> Callable[[type[L]], type[L]]:
    """Declare a layer of the language under `name`, in a group of the reference.

    `elsewhere` and `inferred` are words with blanks between: see the attributes of Layer. Raises TypeError for a
    class that does not say what its page needs.
    """

    def declare(cls: type[L]) -> type[L]:
        for needed in ("__doc__", "rule", "examples"):
            if not getattr(cls, needed, None):
                raise TypeError(f"the layer `{name}` states no `{needed}`")
        cls.name = name
        cls.group = group
        cls.elsewhere = tuple(elsewhere.split())
        cls.inferred = tuple(inferred.split())
        cls.params = {}
        for base in cls.__mro__:  # the class's own first: it repeats those of its bases to order them
            for key, value in vars(base).items():
                if isinstance(value, Param):
                    cls.params.setdefault(key, value)
        cls.required = tuple(key for key, param in cls.params.items() if param.required)
        cls.defaults = {
            key: None if param.default is None else param.kind.convert(param.default)
            for key, param in cls.params.items()
            if not param.required
        }
        REGISTRY[name] = cls
        return cls

    return declare
