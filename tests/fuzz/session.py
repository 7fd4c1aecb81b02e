"""One target for a time, or for so many inputs: begun again after each death, of which it keeps what caused it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.fuzz.dictionary import libfuzzer
from tests.fuzz.kept import CORPUS, files, keep
from tests.fuzz.reduce import reduced
from tests.fuzz.targets import BY_CHOICES, HIDDEN, LONGEST, TARGETS

ROOT = Path(__file__).parents[2]
#: Deaths of one session: behind them is more of the same.
MOST = 5
#: Of one input, in seconds; of the process, in MiB. PyTorch takes some of both.
TIMEOUT, MEMORY = 60, 2048
PROGRESS = re.compile(r"^#(\d+)\s.*cov: (\d+) ft: (\d+) corp: (\d+)", re.MULTILINE)


def environment() -> dict[str, str]:
    """Of a process that does the same each time."""
    return {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


class Session:
    def __init__(self, target: str, seed: int, work: Path, kept: Path, every: int = 1) -> None:
        self.target, self.seed, self.kept, self.every = target, seed, kept, every
        self.work = work.absolute()
        self.work.mkdir(parents=True, exist_ok=True)
        self.log = self.work / f"{target}.log"
        self.log.write_text("", encoding="utf-8")

    def run(self, seconds: float | None, runs: int | None) -> list[Path]:
        """Paths of what was kept."""
        found: list[Path] = []
        begin = perf_counter()
        with tempfile.TemporaryDirectory(dir=self.work) as folder:
            # what grows is for the next time too, but where each time is to be the same
            grown = Path(folder, "grown") if runs else self.work / self.target
            grown.mkdir(exist_ok=True)
            for attempt in range(MOST):
                left = None if seconds is None else seconds - (perf_counter() - begin)
                if left is not None and left < 1:
                    break
                died = self.once(self.seed + attempt, grown, Path(folder), left, runs)
                if not set(died) - set(found):
                    break
                found += died
        said = PROGRESS.findall(self.log.read_text(encoding="utf-8", errors="replace"))
        done, edges, features, size = said[-1] if said else ("0",) * 4
        took = perf_counter() - begin
        print(f"{self.target}: {done} inputs in {took:.0f} s, seed {self.seed}, {edges} edges, ", end="")
        print(f"{features} features, corpus of {size}, {len(found)} found", flush=True)
        return found

    def once(self, seed: int, grown: Path, folder: Path, left: float | None, runs: int | None) -> list[Path]:
        """One process of libFuzzer; what it died of, if it did."""
        words = folder / "words"
        words.write_text(libfuzzer(), encoding="utf-8")
        limits = [f"-max_total_time={int(left)}"] if left is not None else [f"-runs={runs}"]
        command = [
            sys.executable,
            "-m",
            "tests.fuzz.target",
            self.target,
            *limits,
            f"-seed={seed}",
            "-reload=0",
        ]
        command += [
            f"-dict={words}",
            f"-max_len={LONGEST}",
            "-len_control=0",
            f"-timeout={TIMEOUT}",
            f"-rss_limit_mb={MEMORY}",
        ]
        command += [f"-artifact_prefix={folder}/", str(grown), *self._corpus(folder)]
        with self.log.open("a", encoding="utf-8") as log:
            done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=log, stderr=log, check=False)
        causes = [path for path in folder.iterdir() if path.name.startswith(("crash-", "timeout-", "oom-"))]
        if done.returncode and not causes:
            raise SystemExit(f"{self.target} did not run (status {done.returncode}), see {self.log}")
        return [self.caused(path) for path in causes]

    def _corpus(self, folder: Path) -> list[str]:
        """The folder of what a target begins with: the corpus itself, or a part of it."""
        if self.target not in CORPUS:
            return []
        if self.every == 1:
            return [str(CORPUS[self.target])]
        part = folder / "part"
        part.mkdir(exist_ok=True)
        for path in files(CORPUS[self.target])[:: self.every]:
            (part / path.name).write_bytes(path.read_bytes())
        return [str(part)]

    def caused(self, path: Path) -> Path:
        data = path.read_bytes()
        path.unlink()
        if path.name.startswith("crash-") and self.target not in BY_CHOICES:
            data = reduced({**TARGETS, **HIDDEN}[self.target], data)
        return keep(data, self.target, self.target in BY_CHOICES, self.kept)
