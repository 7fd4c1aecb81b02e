"""The fuzzer for so many inputs, the same ones each time; without atheris what it once found is held all the same."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("torch")

from archdsl.layers import REGISTRY
from tests.fuzz.dictionary import words
from tests.fuzz.kept import CORPUS, LONGEST, REGRESSIONS, files
from tests.fuzz.mutator import custom_crossover, custom_mutator
from tests.fuzz.reduce import failure, pieces, reduced
from tests.fuzz.session import ROOT, environment
from tests.fuzz.targets import BY_CHOICES, TARGETS, planted

#: Every so-manieth file of the corpus, and inputs for each target, those files included. All of it is for `make fuzz`.
EVERY = 8
RUNS = {"parser": 60, "elaborator": 40, "modules": 24, "programs": 16}

atheris = pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")


def fuzzed(tmp_path: Path, target: str, runs: int, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", target, "--runs", str(runs), "--work", str(tmp_path), *more],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@atheris
@pytest.mark.fuzz
@pytest.mark.parametrize(
    "target",
    [pytest.param(t, marks=() if t in ("parser", "elaborator") else pytest.mark.slow) for t in TARGETS],
)
def test_fuzzer_finds_nothing(target: str, tmp_path: Path) -> None:
    done = fuzzed(tmp_path, target, RUNS[target], "--every", str(EVERY), "--keep", str(tmp_path / "found"))
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r": (\d+) inputs .* (\d+) edges", done.stdout)
    assert told is not None, done.stdout
    assert int(told[1]) >= RUNS[target] and int(told[2]) > 500


@atheris
@pytest.mark.slow
@pytest.mark.fuzz
def test_fuzzer_finds_what_is_there(tmp_path: Path) -> None:
    """A target that dies of a word is found to do so, and the word alone is kept."""
    done = fuzzed(tmp_path, "planted", 20_000, "--keep", str(tmp_path / "found"))
    assert done.returncode == 1, done.stdout + done.stderr
    (path,) = files(tmp_path / "found")
    assert path.read_text().strip() == "class_token"
    assert str(path) in done.stdout


@pytest.mark.parametrize("path", files(REGRESSIONS), ids=lambda path: path.name)
def test_what_was_found(path: Path) -> None:
    for name, target in TARGETS.items():
        if (name in BY_CHOICES) == (path.suffix == ".choices"):
            target(path.read_bytes())


@pytest.mark.parametrize("part", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 2, 3))])
@pytest.mark.fuzz
@pytest.mark.parametrize("target", ["elaborator", "programs"])
def test_corpus(target: str, part: int) -> None:
    """Every file of it, also where there is no atheris."""
    for path in files(CORPUS[target])[part::4]:
        TARGETS[target](path.read_bytes())


def test_corpus_is_small() -> None:
    for folder in set(CORPUS.values()):
        sizes = [path.stat().st_size for path in files(folder)]
        assert 20 < len(sizes) < 500 and max(sizes) <= LONGEST


def test_words() -> None:
    """All layers, and the literals of the grammar, signs and words."""
    assert set(words()) >= {*REGISTRY, "network", "when", "->", "|", "//", "**", "(", "{", "fan_in", "range"}
    assert not [word for word in words() if " " in word or "\n" in word]


def test_mutations_leave_text() -> None:
    """The same for the same seed, and no longer than allowed."""
    text = (ROOT / "specs" / "densenet121.arch").read_bytes()
    mutate = custom_mutator(lambda data, most: data[:most])
    changed = [mutate(text, 5000, seed) for seed in range(200)]
    assert changed == [mutate(text, 5000, seed) for seed in range(200)]
    assert len(set(changed)) > 100
    assert all(len(mutate(text, 40, seed)) <= 40 for seed in range(50))
    crossed = {custom_crossover(text, b"block b {\n  relu\n}\n", 5000, seed) for seed in range(50)}
    assert len(crossed) > 10 and any(b"relu" in one for one in crossed)


def test_failures_are_made_short() -> None:
    text = b"network n {\n  input x: [3]\n  # a comment\n  class_token -> relu\n}\n"
    assert failure(planted, text) == "AssertionError in planted"
    assert reduced(planted, text).strip() == b"class_token"
    assert reduced(planted, b"relu") == b"relu"
    assert "".join(pieces(text.decode())) == text.decode()
