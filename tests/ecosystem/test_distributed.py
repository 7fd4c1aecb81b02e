"""Two processes on one machine that speak through gloo: their gradients are those of one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tests.ecosystem.networks import ROOT, SAMPLE, SIX  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="PyTorch was built without gloo"),
]
WAYS = ("DDP", "FSDP2")
#: networks that share two processes; the first are run every time
GROUPS = [["mobilenet_100"], [name for name in SIX if name != "mobilenet_100"]]
GROUPS.append([name for name in SAMPLE if name not in SIX])


def run(models: list[str], folder: Path) -> dict[str, Any]:
    """How far each is off, in each way."""
    store, out = folder / "store", folder / "result.json"
    command = [sys.executable, "-W", "ignore", "-m", "tests.ecosystem.worker"]
    started = [
        subprocess.Popen(
            [*command, str(rank), str(store), str(out), *models],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        said = [process.communicate(timeout=120 + 120 * len(models))[1] for process in started]
    finally:
        for process in started:
            process.kill()
    assert all(process.returncode == 0 for process in started), "\n".join(said)
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    "models",
    [
        pytest.param(models, marks=[pytest.mark.slow, pytest.mark.ecosystem] if i else [], id=name)
        for i, (models, name) in enumerate(zip(GROUPS, ("mobilenet_100", "six", "sample"), strict=True))
    ],
)
def test_two_processes(models: list[str], tmp_path: Path) -> None:
    """Forward and backward, with DDP, and with FSDP2 where each instance of a block's class is sharded by itself."""
    found = run(models, tmp_path)
    assert set(found) == {f"{model} {way}" for model in models for way in WAYS}
    assert not {name: value for name, value in found.items() if isinstance(value, str) or value > 1e-4}
