"""Chromium, driven as a reader would: by pointing, clicking and typing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-extensions",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
    "--hide-scrollbars",
)


class Browser:
    """One window, and what a test asks of it."""

    def __init__(self, program: str, driver: str, profile: Path) -> None:
        options = Options()
        options.binary_location = program
        for flag in (*_FLAGS, f"--user-data-dir={profile}", "--window-size=1300,1000"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(driver))

    def show(self, path: Path, part: str = "") -> None:
        """Load a page afresh, and forget what was logged before."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(path.as_uri() + part)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str) -> None:
        """Until a script says so."""
        WebDriverWait(self.driver, 5, poll_frequency=0.02).until(lambda driver: driver.execute_script(script))

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.one(selector).text

    def spot(self, label: str) -> WebElement:
        """The shown element whose label for screen readers begins so."""
        found = [made for made in self.all(f'[aria-label^="{label}"]') if made.is_displayed()]
        assert found, f"nothing is shown with the label {label!r}"
        return found[0]

    def press(self, action: str) -> None:
        """Click on a button of the toolbar."""
        self.one(f'[data-do="{action}"]').click()

    def point_at(self, made: WebElement) -> None:
        self.run("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", made)
        ActionChains(self.driver, duration=0).move_to_element(made).perform()

    def keys(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.driver, duration=0).send_keys(key).perform()

    def focused(self) -> str:
        return str(self.run("return document.activeElement.getAttribute('aria-label') || ''"))

    def requests(self) -> list[str]:
        """The addresses that have been asked for since the page was loaded, those that the policy refused left out."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        refused = {e["params"]["requestId"] for e in events if e["params"].get("blockedReason") == "csp"}
        sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
        ours = [each for each in sent if not each["documentURL"].startswith(("chrome:", "about:"))]
        return [each["request"]["url"] for each in ours if each["requestId"] not in refused]

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def tell(self, command: str, **parameters: object) -> Any:
        """A command of the Chrome DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, parameters)

    def close(self) -> None:
        self.driver.quit()
