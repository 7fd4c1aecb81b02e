"""The same input gives the same bytes, in another process, from another folder, with another seed of hashes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxscript")

pytestmark = [pytest.mark.torch, pytest.mark.slow, pytest.mark.ecosystem]
ROOT = Path(__file__).parents[2]

SPEC = """
block unit(c) { "Two of them."; ( conv(c, 3) -> bn -> relu | conv(c, 1) -> bn ) -> add }
network net(width = 8) {
  input image: [3, H=16, W=16]
  body: { unit(width) -> unit(width) -> maxpool(2) }
  output mask = conv(1, 1)
  gap -> dropout(0.2) -> linear(5)
  output logits
}
"""
PROGRAM = """
import sys
from archdsl.cli import main
for arguments in (["--onnx", "--dynamic", "height,width"], ["--torch-export"]):
    try:
        main(["export", "net.arch", *arguments])
    except SystemExit as stop:
        assert not stop.code
"""


def files(folder: Path, hashes: str, twice: bool) -> dict[str, str]:
    """What is written there, by the name of the file."""
    folder.mkdir()
    (folder / "net.arch").write_text(SPEC, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hashes, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM * (2 if twice else 1)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {}
    for name in ("net.onnx", "net.pt2"):
        data = (folder / name).read_bytes()
        assert str(folder).encode() not in data and str(ROOT).encode() not in data, name
        assert b"site-packages" not in data and b"archdsl_generated" not in data, name
        found[name] = hashlib.sha256(data).hexdigest()
    return found


def test_same_bytes(tmp_path: Path) -> None:
    """The second process exports twice, over its own files."""
    assert files(tmp_path / "here", "1", False) == files(tmp_path / "elsewhere", "2", True)
