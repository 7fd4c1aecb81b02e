"""What a reader does with the page, in a browser: by pointing, clicking and typing."""

from __future__ import annotations

import base64
import re

import pytest

from archdsl.draw.options import DrawOptions
from tests.draw.html.conftest import Show

pytest.importorskip("selenium", reason="no selenium to drive a browser with")
from selenium.webdriver.common.keys import Keys

DENSE = ("densenet.arch", "densenet121")

SHOWN = "return [...document.querySelectorAll('#stage > .item')].filter((made) => !made.hidden).length"


def test_a_block_opens_and_closes(show: Show) -> None:
    browser = show(*DENSE)
    browser.press("close")
    closed = browser.run(SHOWN)
    block = browser.spot("features")
    assert block.get_attribute("aria-expanded") == "false"
    block.click()
    block = browser.spot("features")
    assert block.get_attribute("aria-expanded") == "true"
    assert browser.spot("conv 7×7, 64").is_displayed()
    assert browser.run(SHOWN) > closed
    assert browser.text("#status") == "features opened"
    block.find_element("css selector", ".head").click()
    assert browser.run(SHOWN) == closed


def test_what_was_clicked_stays_where_it_is(show: Show) -> None:
    browser = show("resnet.arch", "resnet152")
    browser.press("open")
    block = browser.spot("layer3")
    browser.run("arguments[0].scrollIntoView()", block)
    before = block.rect, browser.run("return arguments[0].getBoundingClientRect().top", block)
    block.find_element("css selector", ".head").click()
    after = browser.run("return arguments[0].getBoundingClientRect().top", block)
    assert abs(after - before[1]) < 2
    assert block.rect["height"] < before[0]["height"] / 3


def test_all_blocks_open_and_close(show: Show) -> None:
    browser = show("hrnet.arch", "hrnet_w18_small")
    browser.press("open")
    assert browser.run(SHOWN) == len(browser.all("#stage > .item"))
    browser.press("close")
    assert browser.run(SHOWN) == browser.run("return JSON.parse(picture.textContent).root.items.length") > 3


def test_the_depth_asked_for_is_open_at_first(show: Show) -> None:
    assert show(*DENSE, DrawOptions(depth=0)).all("#stage [aria-expanded=true]") == []
    browser = show(*DENSE, DrawOptions(depth=1))
    assert [
        made.get_attribute("aria-label").partition(":")[0]
        for made in browser.all("#stage [aria-expanded=true]")
    ] == ["features"]


def test_search_finds_a_layer_and_opens_what_it_is_in(show: Show) -> None:
    browser = show(*DENSE)
    browser.press("close")
    search = browser.one("#search")
    search.send_keys("features.transition2.conv")
    assert browser.text("#count") == "1 of 1"
    found = browser.one(".first")
    assert found.is_displayed()
    assert found.get_attribute("aria-label").startswith("conv 1×1, 256")
    inside = browser.run(
        "const a = arguments[0].getBoundingClientRect(), b = document.getElementById('scroller').getBoundingClientRect();"
        "return a.top >= b.top && a.bottom <= b.bottom && a.left >= b.left && a.right <= b.right",
        found,
    )
    assert inside
    assert browser.text("#facts .path") == "features.transition2.conv"


def test_search_walks_through_what_it_found(show: Show) -> None:
    browser = show(*DENSE)
    search = browser.one("#search")
    search.send_keys("maxpool")
    assert browser.text("#count") == "1 of 1"
    search.clear()
    search.send_keys("AVGPOOL")
    assert browser.text("#count") == "1 of 3"
    search.send_keys(Keys.ENTER, Keys.ENTER)
    assert browser.text("#count") == "3 of 3"
    assert browser.text("#facts .path") == "features.transition3.pool"
    search.send_keys(Keys.ENTER)
    assert browser.text("#count") == "1 of 3"
    search.send_keys(Keys.SHIFT, Keys.ENTER)
    assert browser.text("#count") == "3 of 3"
    search.send_keys(Keys.NULL, Keys.ESCAPE)
    assert browser.all(".found") == []


def test_search_knows_copies_that_are_not_drawn(show: Show) -> None:
    browser = show(*DENSE)
    browser.one("#search").send_keys("features.denseblock3.denselayer17.conv2")
    assert browser.text("#count").startswith("1 of ")
    assert browser.text("#facts .path").endswith(".denselayer1.conv2")


def test_search_that_finds_nothing(show: Show) -> None:
    browser = show(*DENSE)
    browser.one("#search").send_keys("lstm")
    assert browser.text("#count") == "nothing found"


def test_pointing_shows_shape_and_cost(show: Show) -> None:
    browser = show(*DENSE)
    browser.point_at(browser.spot("conv 7×7, 64"))
    hint = browser.text("#hint").splitlines()
    assert hint == [
        "conv 7×7, 64, /2",
        "features.conv0",
        "shape 64×112×112",
        "1 layer · 9.41 k params · 118 M MACs",
    ]
    facts = browser.text("#facts")
    assert "9,408" in facts and "118,013,952" in facts
    assert "4.2 %" in facts  # of 2,834,161,664 MACs


def test_clicking_shows_the_line(show: Show) -> None:
    browser = show(*DENSE)
    browser.spot("conv 7×7, 64").click()
    line = browser.one(".codeline.line")
    assert line.is_displayed()
    assert line.text.splitlines()[0] == "11"
    assert "conv0: conv(2 * growth, 7, stride=2)" in line.text
    browser.spot("avgpool 2×2").click()  # in the library: another file
    line = browser.one(".codeline.line")
    assert line.is_displayed()
    assert "avgpool" in line.text
    shown = browser.run("return document.getElementById('file').selectedOptions[0].textContent")
    assert shown == "std/dense.arch"


def test_a_line_shows_what_it_makes(show: Show) -> None:
    browser = show(*DENSE)
    browser.press("close")
    next(made for made in browser.all(".codeline") if "norm5: bn" in made.text).click()
    assert browser.text("#facts .path") == "features.norm5"
    assert browser.one(".chosen").is_displayed()


def test_keys(show: Show) -> None:
    browser = show(*DENSE)
    browser.press("close")
    browser.run("document.querySelector('#stage [tabindex=\"0\"]').focus()")
    assert browser.focused().startswith("image")
    browser.keys(Keys.ARROW_DOWN)
    assert browser.focused().startswith("features")
    browser.keys(Keys.ARROW_RIGHT)
    assert browser.spot("features").get_attribute("aria-expanded") == "true"
    browser.keys(Keys.ARROW_DOWN)
    assert browser.focused().startswith("conv 7×7, 64")
    assert "64×112×112" in browser.text("#hint")
    browser.keys(Keys.ARROW_LEFT)
    assert browser.focused().startswith("features")
    browser.keys(Keys.ARROW_LEFT)
    assert browser.spot("features").get_attribute("aria-expanded") == "false"
    browser.keys(Keys.END)
    assert browser.focused().startswith("logits")
    browser.keys("o")
    assert browser.run(SHOWN) == len(browser.all("#stage > .item"))
    browser.keys("/")
    assert browser.run("return document.activeElement.id") == "search"
    browser.keys("relu1", Keys.ARROW_DOWN)
    assert "relu" in browser.focused()


def test_everything_is_reached_by_the_tab_key(show: Show) -> None:
    browser = show(*DENSE)
    browser.run("document.activeElement.blur()")
    reached = []
    for _ in range(16):
        browser.keys(Keys.TAB)
        reached.append(
            browser.run(
                "const a = document.activeElement; return a.id || a.dataset.do || a.getAttribute('role')"
            )
        )
    assert reached[:10] == ["search", "open", "close", "colour", "out", "in", "fit", "turn", "theme", "panel"]
    assert {"treeitem", "file", "spec"} <= set(reached[10:])


def test_colour_by_share(show: Show) -> None:
    browser = show("vgg.arch", "vgg16")
    colour = "return getComputedStyle(arguments[0]).backgroundColor"
    conv, linear = browser.spot("conv 3×3, 64"), browser.spot("linear 4096")
    assert browser.run(colour, conv) == browser.run(colour, linear)  # of one kind
    browser.one("#colour").send_keys("p")
    assert browser.run("return document.body.dataset.colour") == "params"
    assert browser.run(colour, conv) != browser.run(colour, linear)
    assert linear.get_attribute("data-share") == "86.4 %"
    assert conv.get_attribute("data-share") == "<0.1 %"
    assert (
        show("vgg.arch", "vgg16", DrawOptions(cost=True)).run("return document.body.dataset.colour") == "macs"
    )


def test_what_runs_in_training_alone_is_dashed(show: Show) -> None:
    browser = show("googlenet.arch", "googlenet")
    dashed = browser.all("#stage > .training")
    assert {
        made.get_attribute("aria-label").partition(",")[0]
        for made in dashed
        if made.get_attribute("aria-label")
    } == {"aux1", "aux2"}
    assert len(browser.all(".line.dashed")) >= 4
    assert show(*DENSE).all(".line.dashed, #stage > .training") == []


def test_zoom(show: Show) -> None:
    browser = show(*DENSE)
    browser.press("open")
    browser.press("fit")
    room, drawn = (
        browser.run(f"return document.getElementById('{name}').getBoundingClientRect().toJSON()")
        for name in ("scroller", "sheet")
    )
    assert drawn["width"] <= room["width"]
    width = "return stage.getBoundingClientRect().width"
    before = browser.run(width)
    browser.press("in")
    assert browser.run(width) == pytest.approx(before * 1.25, rel=0.02)
    browser.keys("0")
    assert browser.text("#scale") == "100 %"


def test_what_comes_first_is_seen_first(show: Show) -> None:
    browser = show("retinanet.arch", "retinanet_resnet50_fpn")
    left, right = browser.run(
        "const a = arguments[0].getBoundingClientRect(), b = scroller.getBoundingClientRect(); return [a.left - b.left, b.right - a.right]",
        browser.spot("image"),
    )
    assert left >= 0 and right >= 0
    assert browser.run("return scroller.scrollTop") == 0


def test_an_address_names_a_layer(show: Show) -> None:
    browser = show(*DENSE, DrawOptions(depth=0), "#features.denseblock4.denselayer1.conv2")
    assert browser.text("#facts .path") == "features.denseblock4.denselayer1.conv2"
    assert browser.one(".chosen").is_displayed()


def test_a_path_is_an_address(show: Show) -> None:
    browser = show(*DENSE)
    browser.spot("logits").click()
    browser.run("location.hash = '#features.norm5'")
    browser.wait("return document.querySelector('#facts .path').textContent === 'features.norm5'")
    browser.one("#facts .path").click()
    assert browser.run("return location.hash") == "#features.norm5"


def test_other_uses_of_shared_weights_light_up(show: Show) -> None:
    browser = show("retinanet.arch", "retinanet_resnet50_fpn")
    browser.press("open")
    browser.point_at(browser.spot("classification_head").find_element("css selector", ".head .name"))
    same = browser.all(".badge.same")
    assert len(same) == 5  # one for each level of the pyramid
    assert {made.text for made in same} == {"A"}


def test_a_narrow_screen(show: Show) -> None:
    browser = show(*DENSE)
    browser.tell(
        "Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=False
    )
    assert browser.run("return document.documentElement.scrollWidth") <= 400
    for made in browser.all("button, input, select, #scroller, #spec"):
        left, width = made.rect["x"], made.rect["width"]
        assert width > 0 and left >= 0 and left + width <= 400, made.get_attribute("outerHTML")[:80]
    assert browser.one("#scroller").rect["height"] > 250
    browser.press("close")
    browser.spot("features").click()
    assert browser.spot("conv 7×7, 64").is_displayed()
    browser.press("panel")
    assert not browser.one("#panel").is_displayed()


@pytest.mark.parametrize("action", ["open", "close"])
def test_print(show: Show, action: str) -> None:
    browser = show(*DENSE)
    browser.press(action)
    printed = base64.b64decode(
        browser.tell("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]
    )
    assert re.search(rb"/Type\s*/Pages[^>]*/Count (\d+)", printed)[1] == b"1"
    wide, high = (
        float(side) for side in re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed).groups()
    )
    width, height = browser.run("return [stage.offsetWidth, stage.offsetHeight]")
    assert width * 0.75 <= wide <= width * 0.75 + 400  # points of 1/72 inch, of CSS's 1/96
    assert height * 0.75 <= high <= height * 0.75 + 200


def test_the_printed_page(show: Show) -> None:
    browser = show(*DENSE)
    browser.press("open")
    browser.tell("Emulation.setEmulatedMedia", media="print")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert not browser.one("#panel").is_displayed() and not browser.one(".tools").is_displayed()
    rule = browser.run(
        "const rules = document.styleSheets[0].cssRules; return rules[rules.length - 1].cssText"
    )
    wide, high = (int(side) for side in re.search(r"size: (\d+)px (\d+)px", rule).groups())
    browser.tell(
        "Emulation.setDeviceMetricsOverride",
        width=wide - 48,
        height=high - 48,
        deviceScaleFactor=1,
        mobile=False,
    )
    root = browser.run("const root = document.documentElement; return [root.scrollWidth, root.scrollHeight]")
    assert root[0] <= wide - 48 and root[1] <= high - 48  # all is on the page
    sheet = browser.one("#sheet").rect
    assert sheet["x"] >= 0 and sheet["x"] + sheet["width"] <= wide - 48


CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const light = (colour) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
return [...new Set([...document.querySelectorAll(".cell .text, .end .name")].map((made) => {
  const ground = getComputedStyle(made.closest(".cell, .end")).backgroundColor;
  const [a, b] = [light(getComputedStyle(made).color), light(ground)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}))]
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_can_be_read_on_their_colours(show: Show, scheme: str) -> None:
    browser = show("mobilevit.arch", "mobilevit_xxs")
    browser.tell(
        "Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}]
    )
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(246, 247, 249)", "dark": "rgb(18, 22, 27)"}[scheme]
    assert min(browser.run(CONTRAST)) >= 4.5  # WCAG 2.2, 1.4.3
    browser.press("theme")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") != ground
    assert min(browser.run(CONTRAST)) >= 4.5
