"""What `--with timm` adds to a module: a class that does what timm's models do, and the entry point of the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl.emit.classes import LevelClass
from archdsl.emit.code import Apply, Bracket, Code, Keyword, Pair, Py, constant, flat, layout
from archdsl.emit.docstrings import docstring
from archdsl.emit.halves import Halves
from archdsl.emit.initialise import initialising, is_optional
from archdsl.emit.names import Namespace
from archdsl.emit.taps import Backbone
from archdsl.emit.units import no_weight_decay, order_of, units
from archdsl.emit.vary import Variation
from archdsl.emit.views import ClassView, FunctionView, TimmView
from archdsl.graph.model import Graph, Node
from archdsl.layers.form import Call, Form, Lit, ModuleForm
from archdsl.layers.pooling import GlobalMaxPool
from archdsl.records import record

#: What the class and its instances have beyond those of `nn.Module`.
_ATTRIBUTES = """
default_cfg feature_info forward_features forward_head get_classifier group_matcher head_hidden_size in_chans
no_weight_decay num_classes num_features pretrained_cfg pretrained_model_args reset_classifier
set_grad_checkpointing _traits
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
#: What the top of the file binds for it.
NAMES = (
    "Any",
    "build_model_with_cfg",
    "checkpoint",
    "default_cfgs",
    "generate_default_cfgs",
    "partial",
    "register_model",
)
PREFIX = "archdsl_"


@record
class Named:
    """What the class and the entry point are called."""

    name: str
    entry: str

    @classmethod
    def claimed(cls, base: str, model: str, names: Namespace) -> Named:
        return cls(names.claim(f"Timm{base}"), names.claim(f"{PREFIX}{model}"))


class Timm:
    """Makes the view of one network, whose only input is an image. `varying` are the parameters that it takes."""

    def __init__(
        self,
        graph: Graph,
        root: LevelClass,
        classes: Sequence[LevelClass],
        named: Named,
        halves: Halves,
        varying: Sequence[Variation],
    ) -> None:
        self._graph = graph
        self._root = root
        self._classes = classes
        self._named = named
        self._halves = halves
        self._backbone = backbone = Backbone(graph)
        self._taps = backbone.taps()
        self._features = backbone.features()
        self._classifiers = backbone.classifiers()
        self._classifier = self._classifiers[0] if self._classifiers else None
        spans = {node.span for node in self._classifiers}
        self._same = [
            one.name for one in varying if one.features & spans
        ]  # these say what `num_classes` says
        self._conv = backbone.first_conv()
        pool = backbone.pool(self._features) if self._features is not None and self._classifier else None
        self._pool = pool if pool is not None and pool.module is not None else None
        self._num_classes = 0 if self._classifier is None else backbone.outputs[0].shape.channels
        self._in_chans = backbone.image.shape.channels

    def view(self) -> TimmView:
        """The class and the entry point."""
        named, base = self._named, self._root.name
        about = f"`{base}` as timm builds it, cuts it and sets its parts anew."
        methods = [self._constructor(), *self._head_methods(), self._checkpointing(), *self._groups()]
        network = ClassView(
            named.name,
            tuple(layout(Apply(f"class {named.name}", (Code(base),)), 0, after=":")),
            tuple(docstring(about, 4)),
            tuple(FunctionView(tuple(lines)) for lines in methods),
        )
        return TimmView(named.entry, tuple(self._configuration()), network, self._entry())

    # --- the entry point -----------------------------------------------------------------------------------------

    def _configuration(self) -> list[str]:
        image = self._backbone.image
        entries: list[Py] = [
            Pair(constant("num_classes"), constant(self._num_classes)),
            Pair(constant("input_size"), constant(tuple(map(int, image.shape.dims)))),
        ]
        if self._pool is not None:
            size = self._pool.inputs[0].shape.dims[1:]
            entries.append(Pair(constant("pool_size"), constant(tuple(map(int, size)))))
        conv = None if self._conv is None else self._conv.path
        entries.append(Pair(constant("first_conv"), constant(conv)))
        paths = tuple(constant(node.path) for node in self._classifiers)
        named: Py = Bracket(paths, "()") if len(paths) > 1 else next(iter(paths), constant(None))
        entries.append(Pair(constant("classifier"), named))
        configuration = Pair(constant(self._named.entry), Bracket(tuple(entries), "{}"))
        made = Apply("generate_default_cfgs", (Bracket((configuration,), "{}"),))
        told = "# What the spec does not state (mean, std, interpolation, crop) is as timm has it by default."
        return [told, *layout(made, 0, "default_cfgs = ")]

    def _entry(self) -> FunctionView:
        entry, name = self._named.entry, self._named.name
        arguments = (Code("pretrained: bool = False"), Code("**kwargs: Any"))
        lines = layout(Apply(f"def {entry}", arguments), 0, after=f" -> {name}:")
        lines += docstring(
            f"Build `{self._graph.model}` as a model of timm. There are no pretrained weights.", 4
        )
        taken = constant(tuple(range(len(self._taps))))
        features = Bracket(
            (
                Pair(constant("feature_cls"), constant("fx")),
                Pair(constant("out_indices"), taken),
            ),
            "{}",
        )
        call = Apply(
            "build_model_with_cfg",
            (
                Code(name),
                constant(entry),
                Code("pretrained"),
                Keyword("feature_cfg", features),
                Code("**kwargs"),
            ),
        )
        return FunctionView(("@register_model", *lines, *layout(call, 4, "return ")))

    # --- the class -----------------------------------------------------------------------------------------------

    def _constructor(self) -> list[str]:
        parameters = [
            Code("self"),
            Code(f"num_classes: int = {self._num_classes}"),
            Code(f"in_chans: int = {self._in_chans}"),
        ]
        if self._pool is not None:
            parameters.append(Code(f'global_pool: str = "{self._pool_name}"'))
        parameters.append(Code("drop_rate: float | None = None"))
        more = bool(self._root.parameters)
        if more:
            parameters.append(Code("**kwargs: Any"))
        lines = layout(Apply("def __init__", tuple(parameters)), 4, after=" -> None:")
        for name in self._same:
            said = f"num_classes is the number of classes here, not {name}"
            lines.append(f"        if {flat(constant(name))} in kwargs:")
            lines += layout(Apply("TypeError", (constant(said),)), 12, "raise ")
        lines.append(f"        super().__init__({'**kwargs' if more else ''})")
        lines.append("        self.num_classes = num_classes")
        lines.append("        self.in_chans = in_chans")
        if self._features is not None:
            lines.append(f"        self.num_features = {self._features.shape.channels}")
        if self._classifier is not None:
            lines.append(f"        self.head_hidden_size = {_call(self._classifier).arriving}")
        taps = [
            Bracket(
                (
                    Pair(constant("num_chs"), constant(tap.channels)),
                    Pair(constant("reduction"), constant(tap.reduction)),
                    Pair(constant("module"), constant(tap.path)),
                ),
                "{}",
            )
            for tap in self._taps
        ]
        lines += layout(Bracket(tuple(taps)), 8, "self.feature_info = ")
        lines.append(f"        if in_chans != {self._in_chans}:")
        lines += self._new_conv()
        lines += self._other_rate()
        lines += self._other_classes()
        return lines

    def _new_conv(self) -> list[str]:
        if self._conv is None:
            said = f"this network takes images of {self._in_chans} channels"
            return layout(Apply("ValueError", (constant(said),)), 12, "raise ")
        return _replaced(_call(self._conv).arriving_from("in_chans"), "conv", self._conv, 12)

    def _other_rate(self) -> list[str]:
        """`drop_rate` is that of the dropouts of the head; timm's own scripts give 0 to every model."""
        dropouts = self._backbone.dropouts(self._features, self._classifier)
        if not dropouts:
            said = constant("this network has no dropout before its classifier")
            return ["        if drop_rate:", *layout(Apply("ValueError", (said,)), 12, "raise ")]
        lines = ["        if drop_rate is not None:"]
        for path in dropouts:
            new = Apply("nn.Dropout", (Code("drop_rate"),))
            lines += layout(Apply("self.set_submodule", (constant(path), new)), 12)
        return lines

    def _other_classes(self) -> list[str]:
        if self._classifier is None:
            said = constant("this network has no classifier: there is no number of classes to set")
            return ["        if num_classes != 0:", *layout(Apply("ValueError", (said,)), 12, "raise ")]
        given = "kwargs or " if self._root.parameters else ""  # these may have set another number
        if self._pool is None:
            return [
                f"        if {given}num_classes != {self._num_classes}:",
                "            self.reset_classifier(num_classes)",
            ]
        usual = f'(num_classes, global_pool) != ({self._num_classes}, "{self._pool_name}")'
        return [
            f"        if {given}{usual}:",
            "            self.reset_classifier(num_classes, global_pool)",
        ]

    @property
    def _pool_name(self) -> str:
        assert self._pool is not None
        return "max" if isinstance(self._pool.layer, GlobalMaxPool) else "avg"

    def _head_methods(self) -> Iterator[list[str]]:
        if self._classifier is not None and self._features is not None:
            yield from self._halves.methods(self._features, self._classifier)
        lines = ["    def get_classifier(self) -> nn.Module | None:"]
        if self._classifier is None:
            lines += ['        """None: this network has no classifier."""', "        return None"]
            yield lines
            return
        path = flat(constant(self._classifier.path))
        yield [
            *lines,
            '        """The layer that makes a number for each class."""',
            *layout(Apply("self.get_submodule", (Code(path),)), 8, "return "),
        ]
        yield self._reset(path)

    def _reset(self, path: str) -> list[str]:
        assert self._classifier is not None
        parameters = [Code("self"), Code("num_classes: int")]
        if self._pool is not None:
            parameters.append(Code("global_pool: str | None = None"))
        lines = layout(Apply("def reset_classifier", tuple(parameters)), 4, after=" -> None:")
        told = "Make a new classifier for so many classes; for none, what it would take is returned."
        lines += docstring(told, 8)
        if self._pool is not None:
            pool, name = flat(constant(self._pool.path)), self._pool_name
            message = f"global_pool is '{name}', or '' without classes, not {{global_pool!r}}"
            lines += [
                f'        if global_pool not in (None, "{name}") and (global_pool or num_classes):',
                *layout(Apply("ValueError", (Code(f'f"{message}"'),)), 12, "raise "),
                "        if global_pool is not None or num_classes:",
                f'            pool = nn.Identity() if global_pool == "" else {flat(_call(self._pool).py)}',
                *layout(Apply("self.set_submodule", (Code(pool), Code("pool"))), 12),
            ]
        lines += [
            "        self.num_classes = num_classes",
            "        if num_classes == 0:",
            *layout(Apply("self.set_submodule", (Code(path), Code("nn.Identity()"))), 12),
            "            return",
        ]
        for node in self._classifiers:
            variable = "classifier" if node is self._classifier else "auxiliary"
            lines += _replaced(_call(node).giving("num_classes"), variable, node, 8)
        return lines

    def _checkpointing(self) -> list[str]:
        names = units(self._root, self._classes).names
        lines = ["    def set_grad_checkpointing(self, enable: bool = True) -> None:"]
        if not names:
            said = Apply("ValueError", (constant("this network has no blocks to compute again"),))
            told = "Refuse: there are no blocks that could be computed again in the backward pass."
            return [*lines, *docstring(told, 8), "        if enable:", *layout(said, 12, "raise ")]
        lines += docstring(
            "Compute each block again in the backward pass instead of keeping what it made.", 8
        )
        kinds = Code(names[0]) if len(names) == 1 else Bracket(tuple(map(Code, names)), "()")
        test = f"isinstance(block, {flat(kinds)})"
        if len(test) > 70:
            lines += layout(kinds, 8, "kinds = ")
            test = "isinstance(block, kinds)"
        return [
            *lines,
            "        for block in self.modules():",
            f"            if {test}:",
            '                block.__dict__.pop("forward", None)',
            "                if enable:",
            '                    block.__dict__["forward"] = partial(checkpoint, block.forward)',
        ]

    def _groups(self) -> Iterator[list[str]]:
        found = order_of(units(self._root, self._classes).paths, self._graph)
        if found is not None:
            told = "Parameters by depth, as patterns: those before the blocks, then the blocks."
            stages, blocks = found.blocks(fine=False), found.blocks(fine=True)
            given: list[str] = []
            chosen: Py = blocks
            if stages != blocks:
                given = [*layout(stages, 8, "stages: Any = "), *layout(blocks, 8, "blocks: Any = ")]
                chosen = Code("stages if coarse else blocks")
            stem = [Pair(constant("stem"), found.stem)] if found.before else []
            groups = Bracket((*stem, Pair(constant("blocks"), chosen)), "{}")
            yield [
                "    def group_matcher(self, coarse: bool = False) -> dict[str, Any]:",
                f'        """{told}"""',
                *given,
                *layout(groups, 8, "return "),
            ]
        names = no_weight_decay(self._graph)
        if names:
            yield [
                "    def no_weight_decay(self) -> set[str]:",
                '        """Parameters that are no weights of layers."""',
                *layout(Bracket(tuple(map(constant, names)), "{}"), 8, "return "),
            ]


@record
class _Made:
    """The call that makes a layer: `nn.Linear(1024, 1000)`."""

    form: ModuleForm

    @property
    def _call(self) -> Call:
        return self.form.call

    @property
    def py(self) -> Py:
        return self._with({})

    @property
    def arriving(self) -> int:
        first = self._call.args[0]
        assert isinstance(first, Lit) and isinstance(first.value, int)
        return first.value

    def arriving_from(self, name: str) -> Py:
        """Of so many channels as a variable says."""
        return self._with({0: name})

    def giving(self, name: str) -> Py:
        """With so many features as a variable says."""
        return self._with({1: name})

    def _with(self, names: dict[int, str]) -> Py:
        args: list[Py] = []
        for i, argument in enumerate(self._call.args):
            args.append(Code(names[i]) if i in names else _literal(argument))
        args += [Keyword(name, _literal(value)) for name, value in self._call.kwargs]
        return Apply(self._call.function, tuple(args))


def _literal(value: object) -> Py:
    assert isinstance(value, Lit)
    return constant(value.value)


def _call(node: Node) -> _Made:
    form = form_of(node)
    assert isinstance(form, ModuleForm)
    return _Made(form)


def form_of(node: Node) -> Form:
    """A layer in PyTorch."""
    assert node.layer is not None
    return node.layer.form(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))


def _replaced(made: Py, variable: str, node: Node, indent: int) -> list[str]:
    """Statements that put a new layer, initialised as the spec says, in the place of one."""
    lines = layout(made, indent, f"{variable} = ")
    form = form_of(node)
    assert isinstance(form, ModuleForm)
    for call in form.init:
        found = initialising(call)
        optional = is_optional(found.weight, form.call.function)
        lines += found.lines(f"{variable}.{found.weight}", indent, optional)
    device = Apply("to", (Code("next(self.parameters())"),), Code(variable))
    lines += layout(Apply("self.set_submodule", (constant(node.path), device)), indent)
    return lines
