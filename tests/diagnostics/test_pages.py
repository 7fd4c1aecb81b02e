"""Every code has a page, and the examples of the pages do what the pages say.

A wrong example gives its code once, and nothing else; its mend gives nothing. A mend that shows only some of the files
leaves the others as they were. Commands stand in fences of their own: of archdsl, and iconv, which makes a file of one.
Without one, an example is checked.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.api import loads
from archdsl.cli import main
from archdsl.diagnostics import ArchError
from archdsl.diagnostics.codes import CODES
from archdsl.diagnostics.page import Example, Page, by_group, group, read_page
from archdsl.diagnostics.page_markdown import markdown_catalogue, markdown_page
from archdsl.diagnostics.page_text import PageText
from archdsl.resources.pages import page
from tests.errors.shelf import codes

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "archdsl" / "diagnostics" / "pages"
CATALOGUE = ROOT / "docs" / "errors.md"

PAGES = {code: page(code) for code in CODES}


def steps(told: Page) -> list[tuple[bool, list[Example]]]:
    """The examples, those that are wrong or right together in one step."""
    found: list[tuple[bool, list[Example]]] = []
    for example in told.examples:
        if not found or found[-1][0] != example.bad:
            found.append((example.bad, []))
        found[-1][1].append(example)
    return found


def perform(examples: list[Example], folder: Path) -> list[str]:
    """Write the files of a step and run its commands; the codes that they print."""
    lines: list[str] = []
    for example in examples:
        if example.language in ("arch", "jinja"):
            path = folder / (example.name or "net.arch")
            path.parent.mkdir(exist_ok=True)
            path.write_text(example.text, encoding="utf-8")
        else:
            assert all(line.startswith("$ ") for line in example.text.splitlines())
            lines += [line.removeprefix("$ ") for line in example.text.splitlines()]
    printed = ""
    for words in map(shlex.split, lines or ["archdsl check net.arch"]):
        if words[0] == "iconv":
            _, _, old, _, new, source, _, target = words
            (folder / target).write_bytes((folder / source).read_bytes().decode(old).encode(new))
            continue
        assert words[0] == "archdsl"
        result = CliRunner().invoke(main, words[1:])
        assert "Traceback" not in result.stderr and "internal error" not in result.stderr
        printed += result.stderr
    return codes(printed)


def test_every_code_has_a_page() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{code}.md" for code in CODES}


@pytest.mark.parametrize("code", CODES)
def test_form(code: str) -> None:
    told = PAGES[code]
    assert (told.code, told.title) == (code, CODES[code])
    assert told.meaning and not told.meaning[-1].endswith(":"), "what it means, before the examples"
    order = [bad for bad, _ in steps(told)]
    assert order and order == [True, False] * (len(order) // 2), "each wrong example has its mend"
    assert {example.language for example in told.examples} <= {"arch", "console", "jinja"}
    text = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"^\s*([-*>#|]|\d+\.) ", prose.partition("\n")[2], re.MULTILINE), "paragraphs only"
    assert not re.search(r"\b(you|your)\b", prose, re.IGNORECASE)
    assert all(len(line) <= 120 for line in text.splitlines())
    assert text.endswith("\n") and not text.endswith("\n\n")


def slow(code: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.slow, pytest.mark.torch] if code == "E615" else []


@pytest.mark.parametrize("code", [pytest.param(code, marks=slow(code)) for code in CODES])
def test_examples(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for bad, examples in steps(PAGES[code]):
        found = perform(examples, tmp_path)
        if bad and code in ("E906", "W020"):  # said behind as many as are reported
            found = found[-1:]
        assert found == ([code] if bad else []), examples


def test_the_mend_is_that_of_its_example() -> None:
    """Most of what a wrong example says is said by its mend, too."""
    for code, told in PAGES.items():
        found = steps(told)
        for (_, wrong), (_, right) in zip(found[::2], found[1::2], strict=True):
            was = {(e.language, e.name): e.text for e in wrong}
            for example in right:
                before = was.get((example.language, example.name), "").splitlines()
                after = example.text.splitlines()
                same = sum(line in before for line in after)
                assert 2 * same >= len(after) - 2, (code, example.text)


def test_groups() -> None:
    assert [code for codes in by_group().values() for code in codes] == sorted(CODES)
    assert (group("E601"), group("E611"), group("W001")) == (
        "Arguments of layers",
        "Extern blocks",
        "Warnings",
    )


PAGE = """\
# E999: a title

One
two.

```arch bad lib/a.arch
block a {}
```

```console bad
$ archdsl check net.arch
```

Mend `it`:

```arch
x
```
"""


def test_reading() -> None:
    told = read_page(PAGE)
    assert (told.code, told.title, told.meaning) == ("E999", "a title", ("One two.",))
    assert told.parts == (
        "One two.",
        Example("arch", True, "lib/a.arch", "block a {}\n"),
        Example("console", True, "", "$ archdsl check net.arch\n"),
        "Mend `it`:",
        Example("arch", False, "", "x\n"),
    )
    assert PageText(40, color=False).page(told) == (
        "E999: a title\n\nOne two.\n\n    # lib/a.arch\n    block a {}\n\n    $ archdsl check net.arch\n\n"
        "Mend `it`:\n\n    x"
    )
    assert markdown_page(told) == (
        "# E999: a title\n\nOne two.\n\n`lib/a.arch`:\n\n```arch\nblock a {}\n```\n\n"
        "```console\n$ archdsl check net.arch\n```\n\nMend `it`:\n\n```arch\nx\n```\n"
    )


def test_catalogue(update: bool) -> None:
    text = markdown_catalogue(PAGES.values())
    if update:
        CATALOGUE.write_text(text, encoding="utf-8")
    assert CATALOGUE.read_text(encoding="utf-8") == text, "docs/errors.md has drifted: `make reference`"
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert len(set(headings)) == len(headings)
    links = re.findall(r"\]\(#(\w+)\)", text)
    assert links == [code.lower() for code in CODES] == [h.lower() for h in headings if h in CODES]


def test_an_error_carries_its_diagnostics() -> None:
    with pytest.raises(ArchError) as error:
        loads("network n { input x: [3]\n reluu\n output y }", filename="<text>")
    assert [d.code for d in error.value.diagnostics] == ["E201"]
    assert str(error.value).startswith("error[E201]: ")
