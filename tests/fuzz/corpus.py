"""The corpus: of all short programs that there are, those that libFuzzer needs to reach what all of them reach."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from hashlib import sha1
from pathlib import Path
from random import Random

from tests.fuzz.kept import CORPUS, LONGEST, REGRESSIONS, files
from tests.fuzz.seeds import short
from tests.fuzz.session import ROOT, environment
from tests.fuzz.targets import SMALL
from tests.property.oracles import opened

#: Sequences of choices to begin with, of so many bytes.
SEQUENCES, BYTES = 80, 400


def renew(work: Path) -> None:
    """Make the corpus anew, of the repository's programs and of what fuzzing has added under `work`."""
    texts = [text.encode("utf-8", "replace") for text in short()]
    texts += [path.read_bytes() for path in files(REGRESSIONS) if path.suffix != ".choices"]
    chance = Random(1)
    choices = [chance.randbytes(chance.randint(1, BYTES)) for _ in range(SEQUENCES)]
    for target, own in {
        "elaborator": texts,
        "modules": [t for t in texts if accepted(t)],
        "programs": choices,
    }.items():
        grown = files(work / target) if (work / target).is_dir() else []
        more = [path.read_bytes() for path in grown]
        merged(target, [*own, *(data for data in more if target != "modules" or accepted(data))])


def accepted(data: bytes) -> bool:
    """Whether it is a text without a mistake, with a network."""
    try:
        spec = opened(data.decode("utf-8"), options=SMALL)
    except UnicodeDecodeError:
        return False
    return bool(spec.models) and not any(d.is_error for d in spec.check())


def merged(target: str, inputs: Iterable[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given, chosen = Path(folder, "given"), Path(folder, "chosen")
        given.mkdir()
        chosen.mkdir()
        for data in inputs:
            if len(data) <= LONGEST:
                (given / sha1(data).hexdigest()).write_bytes(data)
        command = [
            sys.executable,
            "-m",
            "tests.fuzz.target",
            target,
            "-set_cover_merge=1",
            str(chosen),
            str(given),
        ]
        subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True)
        shutil.rmtree(CORPUS[target], ignore_errors=True)
        shutil.copytree(chosen, CORPUS[target])
    print(f"{CORPUS[target]}: {len(files(CORPUS[target]))} files", flush=True)
