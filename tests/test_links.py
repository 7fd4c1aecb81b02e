"""Links of the documentation lead to files and headings that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("specs/*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    return CODE.sub("", page.read_text(encoding="utf-8"))


def headings(page: Path) -> list[str]:
    """The names under which the headings of a page are reached."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        if "://" not in link and (not target.exists() or (heading and heading not in headings(target))):
            broken.append(link)
    assert broken == []


def test_contents_of_the_reference() -> None:
    page = ROOT / "docs" / "language.md"
    listed = re.findall(r"^- \[.+\]\(#(.+)\)$", prose(page), re.MULTILINE)
    sections = re.findall(r"^## (.+)$", prose(page), re.MULTILINE)
    assert listed == headings(page)[-len(sections) :]
