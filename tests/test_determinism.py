"""The same input gives the same bytes: in other processes, with other hash seeds, from other folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROBE = """
import hashlib, json, sys
import archdsl
from archdsl.api import open_spec
from archdsl.draw import render
found = {}
for path in sys.argv[1:]:
    spec = open_spec(path)
    for model in spec.models[:2]:
        arch = spec.architecture(model)
        plans = [archdsl.Plan(), archdsl.Plan("inference", "compile"), archdsl.Plan("training")]
        for name, data in {
            **{str(plan): arch.source(plan=plan) for plan in plans}, "module": arch.source(), "dot": arch.dot().source, "summary": json.dumps(arch.summary()),
            "svg": render(arch._graph, "svg").decode(), "graph": str(list(arch.graph.edges(keys=True))),
        }.items():
            found[f"{model} {name}"] = hashlib.sha256(data.encode()).hexdigest()
try:
    archdsl.loads("network n { input x: [3, 8, 8]\\n a = rleu -> conv(c, 3)\\n bm -> cnov(3) }")
except archdsl.ArchError as error:
    found["mistakes"] = str(error)
print(json.dumps(found))
"""


EVERY = """
import hashlib
from pathlib import Path
import archdsl
from archdsl.api import open_spec
digest = hashlib.sha256()
for path in sorted(Path("SPECS").glob("*.arch")):
    spec = open_spec(path)
    for model in spec.models:
        arch = spec.architecture(model)
        for plan in (None, archdsl.Plan()):
            digest.update(arch.source(plan=plan).encode())
print(digest.hexdigest())
""".replace("SPECS", str(ROOT / "specs"))


@pytest.mark.slow
@pytest.mark.zoo
def test_same_bytes_of_every_module(tmp_path: Path) -> None:
    """Every model of every spec, under two hash seeds, in two processes and folders."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", EVERY],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed, folder in (("1", ROOT), ("77", tmp_path))
    ]
    one, two = (process.communicate()[0] for process in started)
    assert len(one.strip()) == 64 and one == two


def run(seed: str, folder: Path) -> dict[str, str]:
    specs = [
        str(ROOT / "specs" / f"{name}.arch")
        for name in ("densenet121", "googlenet", "resnet", "se_resnet", "unet")
    ]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *specs],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_same_bytes(tmp_path: Path) -> None:
    first, second, third = run("0", ROOT), run("1", tmp_path), run("4242", ROOT)
    assert len(first) > 20
    assert first == second == third
