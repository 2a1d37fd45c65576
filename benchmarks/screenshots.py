"""The pictures of the README, taken from the running app.

    python -m benchmarks.screenshots

Needs playwright and a Chromium. Every picture is a page at a link, perhaps with a click or two; it is written to docs/
in few colours, so that it stays small.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.serving import FLAGS, ROOT, server

SIZE = {"width": 1280, "height": 800}
COLOURS = 256  # of the palette of a picture
DOCS = ROOT / "docs"
SETTLED = """() => document.querySelector("[data-test-script-state=notRunning]")
    && [...document.querySelectorAll(".lb")].every(board => board.dataset.settled === "true")"""


def first_answer(page: Page) -> None:
    """Answer the question of the screen."""
    page.get_by_test_id("stRadio").locator("label").filter(has_text="they differ").first.click()
    page.get_by_role("button", name="This is my answer").click()
    page.locator(".lb").first.wait_for()


def train(page: Page) -> None:
    """Let the networks learn to the end."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("finished").wait_for(timeout=180_000)


def walk(page: Page) -> None:
    """Some steps into the backward pass."""
    page.get_by_role("button", name="backward").click()
    for _ in range(4):
        page.locator(".un").press("ArrowRight")
        page.wait_for_timeout(300)


TOUR: dict[str, tuple[str, str, Callable[[Page], Any]]] = {  # file: (address, what shows that it is there, what to do)
    "explore": ("/", ".lb", lambda page: None),
    "by_hand": ("/by_hand", ".un", walk),
    "flow": ("/flow", ".lb", lambda page: None),
    "regimes": ("/regimes", ".lb", lambda page: page.wait_for_timeout(4_000)),
    "training": ("/training?updates=200", ".stButton", train),
    "lesson": ("/lessons", ".stButton", first_answer),
}


def main() -> None:
    """Take them all."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with server(ROOT / "app.py", ROOT) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        for name, (path, there, act) in TOUR.items():
            page = browser.new_page(viewport=SIZE)
            page.goto(served.url + path)
            page.locator(there).first.wait_for(timeout=60_000)
            act(page)
            page.mouse.move(0, 0)
            page.wait_for_timeout(1_000)
            page.wait_for_function(SETTLED)
            print(f"docs/{name}.png {save(page.screenshot(), DOCS / f'{name}.png') / 1000:.0f} kB", flush=True)
            page.close()
        browser.close()


def save(png: bytes, path: Path) -> int:
    """Write the picture with a palette; its size in bytes."""
    path.parent.mkdir(exist_ok=True)
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS).save(path, optimize=True)
    return path.stat().st_size


if __name__ == "__main__":
    main()
