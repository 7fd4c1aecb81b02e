"""`docs/drawing.md`: its commands run, and it names every option of `archdsl draw`."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main
from archdsl.cli.common import spec_options
from archdsl.cli.draw import command

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "drawing.md").read_text(encoding="utf-8")
EXAMPLES = [
    re.split("  +#", line)[0].strip()
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the specs, in `specs/` and beside it."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "docs").mkdir()
    shutil.copytree(ROOT / "specs", folder / "specs")
    for path in (ROOT / "specs").glob("*.arch"):
        shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples(example: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    program, *words = shlex.split(example)
    assert program == "archdsl"
    if words[0] == "draw":
        words.append("--force")
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    if "-o" in words:
        assert (place / words[words.index("-o") + 1]).stat().st_size > 500


def test_every_option_is_told() -> None:
    """Here, and in interfaces.md, which has those that commands share."""
    shared = {name for option in spec_options(lambda: None).__click_params__ for name in option.opts}
    own = {
        name
        for option in command.params
        for name in option.opts
        if name.startswith("--") and name not in shared | {"--all", "--output", "--force", "--help"}
    }
    contract = (ROOT / "docs" / "interfaces.md").read_text(encoding="utf-8")
    assert {"--depth", "--block", "--kind"} <= own
    for page in (PAGE, contract):
        assert own - set(re.findall(r"--[\w-]+", page)) == set()
