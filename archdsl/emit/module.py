"""A graph as what the templates print: the views of a module."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from archdsl.emit.checkpointing import CHECKPOINTED, name_again, with_checkpoints
from archdsl.emit.class_names import name_classes
from archdsl.emit.classes import Classifier, LevelClass
from archdsl.emit.code import Apply, Bracket, Code, Keyword, constant, layout
from archdsl.emit.construct import Constructor, declared, keyed
from archdsl.emit.docstrings import docstring
from archdsl.emit.folding import base, closing, compiles, is_rewritten, methods, tables
from archdsl.emit.folding import functions as fold_functions
from archdsl.emit.forward import Forward
from archdsl.emit.halves import Halves
from archdsl.emit.headers import header
from archdsl.emit.hub import with_mixin
from archdsl.emit.imports import imports
from archdsl.emit.initialise import init_loop, initialising
from archdsl.emit.integrations import Integration, check_fits, chosen
from archdsl.emit.levels import Analysis, Ref
from archdsl.emit.names import CLASS_WORDS, DICT_ATTRIBUTES, RESERVED, Namespace
from archdsl.emit.packages import Packages, natural
from archdsl.emit.returns import Returns
from archdsl.emit.rows import Row, singles
from archdsl.emit.shapes import ShapeNotes
from archdsl.emit.support import support_names, support_sources
from archdsl.emit.template import MadeLevel
from archdsl.emit.texts import Texts
from archdsl.emit.timm import Named, Timm
from archdsl.emit.vary import Variation, is_literal, variations
from archdsl.emit.views import ClassView, FunctionView, ModuleView
from archdsl.emit.wording import Wording, functions
from archdsl.graph.model import Graph, ModuleKind
from archdsl.graph.naming import MODULE_ATTRIBUTES, SEQUENTIAL_ATTRIBUTES
from archdsl.records import record


def module_view(
    graph: Graph, version: str, with_: Collection[str] = (), support: Mapping[str, str] | None = None
) -> ModuleView:
    """The file as finished strings. `with_` are libraries that it is to fit, `support` the pieces to paste.

    Raises ArchError (E810) where the network does not fit one of the libraries.
    """
    wanted = chosen(with_)
    check_fits(graph, wanted)
    names = _top(wanted)
    factory = names.claim(graph.model)
    packages = Packages(graph, names)
    classifier, varying = _classified(graph, packages)
    classes = classifier.in_order()
    returns = Returns(graph, classifier.root)
    name_classes(classes, names)
    again = name_again(classes, names)
    if returns.fields:
        returns.name = names.claim(f"{classifier.root.name}Output")
    root = classifier.root
    named = Named.claimed(root.name, graph.model, names) if "timm" in with_ else None
    by_number = {found.number: found for found in classes}
    top = [
        factory,
        *packages.names,
        *(found.name for found in classes),
        *again,
        returns.name,
        *support_names(),
        *([named.name, named.entry] if named is not None else ()),
        *(name for library in wanted for name in library.names),
    ]
    loop = init_loop({type_: list(map(initialising, inits)) for type_, inits in classifier.inits.items()})
    scenes = {found.number: _scene(found, wanted) for found in classes}
    used = [name for found in classes for name in _functions(found) if "." not in name]
    if is_rewritten(graph):
        loop = closing(graph)
    views = [
        view
        for found in classes
        for view in with_checkpoints(
            found, _class(found, scenes[found.number], by_number, top, returns, loop)
        )
    ]
    used += [CHECKPOINTED] * any(found.again for found in classes)
    views[-1] = replace(views[-1], methods=(*views[-1].methods, *map(FunctionView, methods(graph))))
    if base(graph):
        views[-1] = replace(views[-1], header=(f"class {root.name}({base(graph)}):",))
        used.append(base(graph))
    if "hf" in with_:
        views[-1] = with_mixin(views[-1], base(graph) or _base(root), graph)
    if returns.fields:
        views.insert(-1, returns.view())
    timm = None
    if named is not None:
        halves = Halves(root, scenes[root.number].wording, scenes[root.number].notes, top)
        timm = Timm(graph, root, classes, named, halves, varying).view()
    sources = support_sources([*used, *fold_functions(graph)], support)
    folds = tables(graph)
    public = [root.name, *([returns.name] * bool(returns.fields))]
    public += [named.name] if named is not None else []  # timm adds the entry point
    public.sort(key=lambda name: (not (len(name) > 1 and name.isupper()), natural(name)))
    exported = Bracket(tuple(map(constant, [*public, factory])))
    made = _factory(graph, factory, root)
    texts = [*(line for view in views for line in _texts(view)), *sources, *folds]
    if timm is not None:
        texts += [*_texts(timm.network), *timm.entry.lines, *timm.configuration]
    needed = [library.package for library in wanted]
    top_text = header(graph, version, needed, [classifier.texts_of(p.name) for p in root.parameters])
    return ModuleView(
        model=graph.model,
        docstring=tuple(docstring(top_text, 0)),
        imports=imports(texts, packages.imports, wanted),
        exported=tuple(layout(exported, 0, "__all__ = ", "  # noqa: RUF022" * factory[0].isupper())),
        support=tuple(sources),
        folds=folds,
        classes=tuple(views),
        factory=made,
        timm=timm,
    )


def _classified(graph: Graph, packages: Packages) -> tuple[Classifier, list[Variation]]:
    """The classes, with those parameters of the network left open that may vary."""
    analysis, texts = Analysis(graph, packages), Texts(graph.text)
    found = [] if is_rewritten(graph) else variations(graph, texts)  # the table of folds is for these values
    for last in (False, True, True):
        varying = {parameter for one in found for parameter in one.parameters}
        classifier = Classifier(graph, analysis, packages.names, texts, varying)
        fixed = [one for one in found if is_literal(one, texts, classifier.classes)]
        if not fixed:
            break
        found = [] if last else [one for one in found if one not in fixed]
    return classifier, found


def _factory(graph: Graph, name: str, root: LevelClass) -> FunctionView:
    """The function of the model's name: it takes what the network's class takes."""
    taken = tuple(Code(declared(p)) for p in root.parameters)
    given = tuple(Keyword(p.name, Code(p.name)) for p in root.parameters)
    lines = layout(Apply(f"def {name}", taken), 0, after=f" -> {root.name}:")
    lines += docstring(_factory_doc(graph), 4)
    if compiles(graph):
        made = layout(Apply(root.name, given), 4, "net = ")
        return FunctionView((*lines, *made, "    net.compile()", "    return net"))
    return FunctionView((*lines, *layout(Apply(root.name, given), 4, "return ")))


def factory_name(graph: Graph, with_: Collection[str] = ()) -> str:
    """What the function of the model's name is called in the file."""
    return _top(chosen(with_)).claim(graph.model)


def _top(wanted: Sequence[Integration]) -> Namespace:
    """The names at the top of a file, before any of the spec's."""
    return Namespace(RESERVED, CLASS_WORDS, support_names(), *(library.names for library in wanted))


@record
class _Scene:
    """What the methods of a class share: what its numbers and its shapes are called."""

    wording: Wording
    notes: ShapeNotes


def _scene(found: LevelClass, wanted: Sequence[Integration]) -> _Scene:
    children = {child.name for child in found.module.children}
    for draft in found.drafts[1:]:
        children.update(child.name for child in draft.level.module.children)
    more = wanted if found.module.kind is ModuleKind.NETWORK else ()
    attributes = Namespace(
        RESERVED,
        MODULE_ATTRIBUTES,
        SEQUENTIAL_ATTRIBUTES,
        DICT_ATTRIBUTES,
        children,
        *(library.attributes for library in more),
    )
    arriving = zip(*(draft.level.arguments for draft in found.drafts), strict=True)
    calls = [len(draft.level.module.scopes) for draft in found.drafts]
    return _Scene(Wording(found.solver, attributes), ShapeNotes(found.solver, arriving, calls))


def _class(
    found: LevelClass,
    scene: _Scene,
    classes: dict[int, LevelClass],
    top: Iterable[str],
    returns: Returns,
    more: Sequence[str],
) -> ClassView:
    wording, notes = scene.wording, scene.notes
    methods: list[FunctionView] = []
    forward: list[str] = []
    network = found.module.kind is ModuleKind.NETWORK
    if found.template.base != "Sequential":
        wish = returns.wish if network else _no_wish
        bare = returns.bare if network else ([0] if len(found.outputs) == 1 else [])
        listed = returns.listed if network else []
        method = Forward(found, wording, notes, top, wish, bare, listed, network and returns.guarded)
        body = method.body()
        if not method.returned:
            made = method.outputs()
            body += returns.statements(made, method.inside) if network else _return(made)
        annotation = returns.annotation if network else _annotation(found)
        forward = [*method.signature(annotation), *body]
    constructor = Constructor(found, classes, wording, notes).lines(more if network else ())
    for lines in (constructor, forward):
        if lines:
            methods.append(FunctionView(tuple(lines)))
    return ClassView(
        found.name,
        (f"class {found.name}({_base(found)}):",),
        tuple(docstring(_class_doc(found), 4)),
        tuple(methods),
    )


def _base(found: LevelClass) -> str:
    """The class of PyTorch that a class extends."""
    return f"nn.{'ModuleDict' if keyed(found) else found.template.base}"


def _no_wish(ref: Ref) -> str | None:
    return None


def _return(outputs: Sequence[str]) -> list[str]:
    line = f"        return {', '.join(outputs)}"
    if len(line) <= 100:
        return [line]
    return ["        return (", *(f"            {name}," for name in outputs), "        )"]


def _annotation(found: LevelClass) -> str:
    kinds = ["Tensor | None" if training else "Tensor" for _, training in found.template.outputs]
    if len(kinds) == 1:
        return kinds[0]
    text = f"tuple[{', '.join(kinds)}]"
    return text if len(text) < 60 else f"tuple[{max(kinds)}, ...]"


def _class_doc(found: LevelClass) -> str:
    module = found.module
    if module.definition is not None and module.definition.doc.strip():
        return module.definition.doc
    if module.definition is not None:
        what = "network" if module.definition.is_network else "block"
        return f"The {what} `{module.definition.name}`."
    if module.kind is ModuleKind.REPEAT:
        return f"Repetitions of `{module.stem}`."
    above = module.parent
    while above is not None and above.definition is None:
        above = above.parent
    assert above is not None and above.definition is not None
    what = "network" if above.definition.is_network else "block"
    return f"The part `{module.stem}` of the {what} `{above.definition.name}`."


_COMPILED = (
    "Its first call compiles it. With `TORCHINDUCTOR_FREEZING=1` in the environment and no gradients"
    " it is faster on a CPU, and keeps the weights that it has in that call."
)


def _factory_doc(graph: Graph) -> str:
    doc = graph.doc.strip()
    first = doc.split("\n", 1)[0].strip() if doc else ""
    if is_rewritten(graph):
        told = f"Build `{graph.model}` for inference; `load_trained` gives it weights."
        if len(told) >= 90:
            told = f"Build `{graph.model}` for inference.\n\n`load_trained` gives it weights."
        return f"{told}\n\n{_COMPILED}" if compiles(graph) else told
    told = f"Build `{graph.model}`: {first}"
    return told if first and len(told) < 90 else f"Build `{graph.model}`, freshly initialised."


# --- what is used --------------------------------------------------------------------------------------------------


def _functions(found: LevelClass) -> Iterable[str]:
    for row in found.rows:
        yield from _row_functions(row)
    for step in found.steps:
        if step.recomputed:
            yield "recomputed"
        if step.expression is not None:
            yield from functions(step.expression)


def _row_functions(row: Row) -> Iterable[str]:
    for made in singles(row.made):
        if not isinstance(made, MadeLevel):
            yield from functions(made)


def _texts(view: ClassView) -> Iterable[str]:
    yield from view.header
    for method in view.methods:
        yield from method.lines
