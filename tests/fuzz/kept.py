"""Where inputs are kept: the corpus that the fuzzer begins with, and what it has found."""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path

HERE = Path(__file__).parent
REGRESSIONS = HERE / "regressions"
#: Texts that a target begins with; for the one that takes choices, their bytes.
CORPUS = {
    "parser": HERE / "corpus" / "texts",
    "elaborator": HERE / "corpus" / "texts",
    "modules": HERE / "corpus" / "networks",
    "programs": HERE / "corpus" / "choices",
}
#: No file of the corpus is longer.
LONGEST = 2000


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def keep(data: bytes, target: str, by_choices: bool, folder: Path = REGRESSIONS) -> Path:
    """Keep what a target died of; the name is to be changed to what it shows."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{target}_{sha1(data).hexdigest()[:8]}{'.choices' if by_choices else '.arch'}"
    path.write_bytes(data)
    return path
