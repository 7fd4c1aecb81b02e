"""What is made of the models of the sample, as text: the module, the diagram, the graph and the summary.

`--update` rewrites them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from tests.zoo.support import SPECS
from tests.zoo.tables import sample

GOLDEN = Path(__file__).parent / "golden"
MODELS = [(SPECS / spec, model) for spec, model in sample()]
#: Models whose modules are built otherwise than those of the sample: the module alone is kept.
VARIANTS = [
    (SPECS / f"{spec}.arch", model)
    for spec, models in {
        "alexnet": ["alexnet_paper"],
        "densenet_cifar": ["densenet_40_12"],
        "dla": ["dla46_c"],
        "googlenet": ["googlenet_separable"],
        "mobilenet": ["se_mobilenet"],
        "preact_cifar": ["preact_resnet1001", "preact_resnet110", "resnet110_gated", "resnet110_relu_only"],
        "preact_resnet": ["preact_resnet200", "resnetv2_50"],
        "pyramidnet": ["pyramidnet110_mul_4_75", "pyramidnet272_200"],
        "residual_attention": ["attentionnext56"],
        "resnet": ["resnet50_v1", "wide_resnet50_2"],
        "shufflenet": ["shufflenet_g3", "shufflenet_g1"],
        "stochastic_depth": ["resnet1202_stochastic", "resnet152_stochastic"],
        "unet": ["unet572"],
        "unet3d": ["unet3d_printed"],
        "vgg": ["se_vgg16"],
        "wide_resnet": ["wrn_28_10_dropout"],
        "worked_examples": ["bottleneck", "rows_and_columns"],
    }.items()
    for model in models
]
#: Models as they are rewritten, and for which target.
REWRITTEN = [
    ("densenet", "densenet121", "eager"),
    ("densenet", "densenet121", "compile"),
    ("googlenet", "googlenet", "eager"),
    ("resnet", "resnet50", "eager"),
    ("resnet", "resnet50", "cuda-graph"),
]


def module_text(arch: archdsl.Architecture, plan: archdsl.Plan | None = None) -> str:
    return arch.source(plan=plan).replace(f"archdsl {archdsl.__version__} ", "archdsl VERSION ")


def graph_text(arch: archdsl.Architecture) -> str:
    """One line for each node: what it is, where it lives, what arrives and what leaves."""
    graph = arch.graph
    lines = []
    for number, node in graph.nodes(data=True):
        arriving = sorted(
            graph.in_edges(number, keys=True, data=True), key=lambda edge: edge[3]["target_port"]
        )
        inputs = ", ".join(f"{source}:{data['source_port']}" for source, _, _, data in arriving)
        shapes = " ".join("x".join(map(str, shape)) for shape in node["outputs"])
        marks = " training" if node["training"] else ""
        lines.append(
            f"{number:4} {node['op']:12} ({inputs}) -> {shapes}  {node['path']}  :{node['line']}{marks}"
        )
    return "\n".join(lines) + "\n"


def summary_text(arch: archdsl.Architecture) -> str:
    summary = arch.summary()
    rows = [
        f"{row['path']:60} {row['layer']:12} {row['output']!s:18} {row['params']:>10,} {row['macs']:>14,}"
        for row in summary["layers"]
    ]
    total = {key: value for key, value in summary.items() if key not in ("layers", "archdsl")}
    return "\n".join([*(f"{key}: {value}" for key, value in total.items()), "", *rows]) + "\n"


def hold(path: Path, text: str, update: bool) -> None:
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{path.name} is missing: run `make golden` and read what it writes"
    assert text == path.read_text(encoding="utf-8"), (
        f"{path.name} has changed: read the difference, then `make golden`"
    )


@pytest.mark.parametrize(("spec", "model"), MODELS, ids=[f"{s.stem}-{m}" for s, m in MODELS])
def test_golden(spec: Path, model: str, update: bool) -> None:
    arch = archdsl.load(spec, model=model)
    folder = GOLDEN / spec.stem
    hold(folder / f"{model}.py", module_text(arch), update)
    hold(folder / f"{model}.dot", arch.dot().source, update)
    hold(folder / f"{model}.graph.txt", graph_text(arch), update)
    hold(folder / f"{model}.summary.txt", summary_text(arch), update)


@pytest.mark.parametrize(("spec", "model"), VARIANTS, ids=[f"{s.stem}-{m}" for s, m in VARIANTS])
def test_modules_that_are_built_otherwise(spec: Path, model: str, update: bool) -> None:
    hold(GOLDEN / spec.stem / f"{model}.py", module_text(archdsl.load(spec, model=model)), update)


@pytest.mark.parametrize(("spec", "model", "target"), REWRITTEN)
def test_modules_for_inference(spec: str, model: str, target: str, update: bool) -> None:
    arch = archdsl.load(SPECS / f"{spec}.arch", model=model)
    text = module_text(arch, archdsl.Plan("inference", target))
    hold(GOLDEN / spec / f"{model}.{target}.py", text, update)


def test_every_spec_has_a_golden_module() -> None:
    assert {spec.stem for spec, _ in MODELS} == {path.stem for path in SPECS.glob("*.arch")}


def test_nothing_is_left_over() -> None:
    """Every golden file belongs to a model of the sample, or to one whose module is kept."""
    known = {(spec.stem, model) for spec, model in MODELS + VARIANTS}
    left = [
        p for p in GOLDEN.rglob("*") if p.is_file() and (p.parent.name, p.name.split(".")[0]) not in known
    ]
    assert not left


@pytest.mark.parametrize(
    ("spec", "model", "blocks"),
    [("densenet", "densenet121", ()), ("resnet", "resnet50", ("layer1", "layer[23].0"))],
    ids=["densenet121", "resnet50"],
)
def test_modules_for_training(spec: str, model: str, blocks: tuple[str, ...], update: bool) -> None:
    arch = archdsl.load(SPECS / f"{spec}.arch", model=model)
    text = module_text(arch, archdsl.Plan("training", checkpoint=blocks))
    hold(GOLDEN / spec / f"{model}.training.py", text, update)
