"""The wheel and the source distribution hold what the program needs, and it is found in each kind of install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("grammar", "templates", "specs")
PROBE = """
from archdsl import resources
import archdsl
assert resources.grammar_text()
for folder in (resources.template_root(), resources.specs_root(), resources.std_root()):
    assert any(folder.iterdir()), folder
print(archdsl.__file__, resources.template_root(), resources.specs_root(), sep="\\n")
"""


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def project_files(folder: str) -> set[str]:
    """Files of a folder that are no leftovers, relative to the root."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "/." not in str(path.relative_to(ROOT))
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution of this checkout."""
    out = tmp_path_factory.mktemp("dist")
    run("-m", "hatchling", "build", "-d", out, cwd=ROOT)
    return out


def wheel_names(folder: Path) -> set[str]:
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_holds_the_rooms(built: Path) -> None:
    names = wheel_names(built)
    assert project_files("archdsl") <= names
    for room in ROOMS:
        assert {f"archdsl/{name}" for name in project_files(room)} <= names
    tops = {name.split("/")[0] for name in names}
    assert len(tops) == 2 and "archdsl" in tops, tops  # and its .dist-info


def test_source_distribution_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "Makefile", "constraints.txt", "tests", "docs"):
        assert (folder / name).exists(), name
    run("-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again", cwd=folder)
    assert wheel_names(tmp_path / "again") == wheel_names(built)


def test_installed_wheel_finds_its_rooms(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    target = tmp_path / "site"
    run("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel, cwd=tmp_path)
    package, *rooms = map(Path, run("-c", PROBE, cwd=tmp_path, path=target).split("\n")[:-1])
    assert package == target / "archdsl" / "__init__.py"
    assert rooms == [target / "archdsl" / "templates", target / "archdsl" / "specs"]


def test_checkout_finds_its_rooms(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for room in ("archdsl", *ROOMS):
        shutil.copytree(ROOT / room, checkout / room, ignore=shutil.ignore_patterns("__pycache__"))
    package, *rooms = map(Path, run("-c", PROBE, cwd=tmp_path, path=checkout).split("\n")[:-1])
    assert package == checkout / "archdsl" / "__init__.py"
    assert rooms == [checkout / "templates", checkout / "specs"]


def test_editable_install_finds_its_rooms(tmp_path: Path) -> None:
    """The .pth file of an editable install leads to the checkout."""
    wheel_folder, target = tmp_path / "dist", tmp_path / "site"
    build = "from hatchling.build import build_editable; import sys; print(build_editable(sys.argv[1]))"
    wheel_folder.mkdir()
    run("-c", build, wheel_folder, cwd=ROOT)
    (wheel,) = wheel_folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    (pth,) = target.glob("*.pth")
    assert Path(pth.read_text().strip()).resolve() == ROOT.resolve()
    package, *_ = map(Path, run("-c", PROBE, cwd=tmp_path, path=Path(pth.read_text().strip())).split("\n"))
    assert package.resolve() == (ROOT / "archdsl" / "__init__.py").resolve()


def test_entry_point_and_typing(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
        assert "archdsl = archdsl.cli:main" in archive.read(entry).decode()
        assert "archdsl/py.typed" in archive.namelist()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    wanted = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    for requirement in wanted:
        name = re.split(r"[\[<>=]", requirement)[0]
        assert name == "archdsl" or name in {known.lower() for known in pinned}, name
    assert {"torch": "2.13.0", "torchvision": "0.28.0", "timm": "1.0.31"}.items() <= pinned.items()
