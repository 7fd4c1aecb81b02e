"""What diagrams take: of DenseNet-121 from a cold start, of long networks, and beside what draws every layer.

Whole processes, alternating, medians; shares of `import torch` are taken within a round.

    python benchmarks/drawing.py [--rounds 9]

torchview traces a module that torchvision builds (`pip install torchview torchvision`). `keras.utils.plot_model` needs
TensorFlow or another backend; its form, a box for each layer and an arrow for each tensor, is drawn here from our own
graph, so that only the drawing is compared. All are laid out by the Graphviz in pygraphviz.
"""

from __future__ import annotations

import argparse
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SPEC = Path(__file__).parent.parent / "specs" / "densenet121.arch"
LONG = """
block unit(channels) { ( conv(channels, 3) -> bn -> relu -> conv(channels, 3) | identity ) -> add }
network long { input image: [16, 8, 8]
  unit(16) * REPEATED
  output y }
"""
#: One box a layer, one arrow a tensor, as Keras draws.
FULL = """
import sys
from archdsl.api import load
import pygraphviz
graph = load(sys.argv[1])._graph
made = {t: node.id for node in graph.nodes for t in node.outputs}
lines = [f'n{node.id} [shape=record label="{node.path} | {node.operation} | {[t.shape.brief() for t in node.outputs]}"]'
         for node in graph.nodes]
lines += [f'n{made[t]} -> n{node.id}' for node in graph.nodes for t in node.inputs if t in made]
source = 'digraph {' + '\\n'.join(lines) + '}'
open(sys.argv[2], 'wb').write(pygraphviz.AGraph(string=source).draw(format='svg', prog='dot'))
print(len(graph.nodes))
"""
TORCHVIEW = """
import sys, torch
declared = torch.library.Library("torchvision", "DEF")  # a wheel beside a CPU build of PyTorch lacks them
for name in ("nms", "qnms"):
    if not hasattr(torch.ops.torchvision, name):
        declared.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
import torchvision
from torchview import draw_graph
model = torchvision.models.densenet121(weights=None).eval()
drawn = draw_graph(model, input_size=(1, 3, 224, 224), depth=int(sys.argv[1]), device='cpu')
import pygraphviz
source = drawn.visual_graph.source
open(sys.argv[2], 'wb').write(pygraphviz.AGraph(string=source).draw(format='svg', prog='dot'))
print(len(drawn.visual_graph.body))
"""


def run(command: list[str]) -> tuple[float, float, str]:
    """Seconds of one process, those of the processor, and what it said."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "failed")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, used, done.stdout


def size(svg: Path) -> tuple[int, int, int]:
    """Nodes, and width and height in points."""
    text = svg.read_text(encoding="utf-8")
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', text)
    assert found
    return text.count('class="node"'), round(float(found[1])), round(float(found[2]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="", help="rows whose names contain this, without long networks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        torch = [sys.executable, "-c", "import torch"]
        svg = Path(folder) / "out.svg"
        start = [sys.executable, "-m", "archdsl", "draw", "--force", "-o", str(svg)]
        commands = {
            "`archdsl draw`": [*start, str(SPEC)],
            "`archdsl draw --depth 9`": [*start, str(SPEC), "--depth", "9"],
            "every layer a node": [sys.executable, "-c", FULL, str(SPEC), str(svg)],
            "torchview, depth 3": [sys.executable, "-c", TORCHVIEW, "3", str(svg)],
            "torchview, depth 9": [sys.executable, "-c", TORCHVIEW, "9", str(svg)],
        }
        print(", ".join(f"{name} {shown(name)}" for name in ("Python", "torch", "torchview", "pygraphviz")))
        print(
            "\n| DenseNet-121 | nodes | points | s | s of the processor | share of `import torch` | quartiles |"
        )
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        run(torch)
        for name, command in commands.items():
            if options.only not in name:
                continue
            try:
                run(command)  # warm caches
                runs = [(run(command), run(torch)) for _ in range(options.rounds)]
            except RuntimeError as error:
                print(f"| {name} | not measured: {error} |")
                continue
            nodes, wide, high = size(svg)
            low, middle, top = statistics.quantiles([ours[1] / theirs[1] for ours, theirs in runs], n=4)
            print(
                f"| {name} | {nodes} | {wide} × {high} | {statistics.median(r[0][0] for r in runs):.2f} "
                f"| {statistics.median(r[0][1] for r in runs):.2f} | {middle:.3f} | {low:.3f} – {top:.3f} |",
                flush=True,
            )
        if options.only:
            return
        print("\n| layers | nodes | s | s of the processor |\n| ---: | ---: | ---: | ---: |")
        for repeated in (200, 2_000, 20_000):
            spec = Path(folder) / "long.arch"
            spec.write_text(LONG.replace("REPEATED", str(repeated)), encoding="utf-8")
            seconds, used, _ = run([*start, str(spec)])
            print(f"| {5 * repeated:,} | {size(svg)[0]} | {seconds:.2f} | {used:.2f} |", flush=True)


def shown(name: str) -> str:
    if name == "Python":
        return platform.python_version()
    try:
        return version(name)
    except PackageNotFoundError:
        return "is not there"


if __name__ == "__main__":
    main()
