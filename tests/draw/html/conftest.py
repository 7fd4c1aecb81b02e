from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archdsl.api import load, loads
from archdsl.draw.html.page import page
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.graph.model import Graph

if TYPE_CHECKING:
    from tests.draw.html.browser import Browser

ROOT = Path(__file__).parent.parent.parent.parent
Show = Callable[..., "Browser"]


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser for all tests of a process."""
    pytest.importorskip("selenium", reason="no selenium to drive a browser with")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no chromium with chromedriver: `make browser` installs them")
    from tests.draw.html.browser import Browser

    made = Browser(program, driver, tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Show]:
    """Write the page of a model of `specs/`, of a text, or a graph, and load it. It may ask for nothing, and never complain."""
    path = tmp_path / "page.html"

    def shown(
        spec: str | Graph, model: str | None = None, options: DrawOptions = DEFAULT_OPTIONS, part: str = ""
    ) -> Browser:
        if isinstance(spec, Graph):
            graph = spec
        elif spec.endswith(".arch"):
            graph = load(ROOT / "specs" / spec, model)._graph
        else:
            graph = loads(spec, "test.arch", model)._graph
        path.write_text(page(graph, options), encoding="utf-8")
        chromium.show(path, part)
        assert chromium.run("return document.body.dataset.ready") == "yes", chromium.complaints()
        return chromium

    yield shown
    assert chromium.complaints() == []
    assert {url.partition("#")[0] for url in chromium.requests()} <= {path.as_uri()}
    chromium.tell("Emulation.clearDeviceMetricsOverride")
    chromium.tell("Emulation.setEmulatedMedia", media="", features=[])
