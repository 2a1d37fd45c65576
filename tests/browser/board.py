"""A page with a board in a browser, read and used the way a person would."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np

from explorer.config import Config
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.theme import resolve
from explorer.figures.truncation import full_against_truncated
from explorer.live.frames import identity
from explorer.run import compare

PICTURES = {  # in the order of the page
    "states": hidden_states,
    "truncation": full_against_truncated,
    "terms": gradient_terms,
    "clipping": clipping,
}
SCREEN = {"width": 1440, "height": 900}
WAIT = 60_000  # ms: how long a page may take on a busy machine
ELSEWHERE, ITS_OWN = "/own", ".stFileUploader"  # a page with little on it
FOLLOW = "address => { history.pushState({}, '', address); dispatchEvent(new PopStateEvent('popstate')) }"


class Board:
    """A page of the app in a browser, read and used the way a person would. What went wrong on it is in `faults`."""

    def __init__(self, page: Any, home: str):
        self.page, self.home = page, home
        self.faults: list[str] = []
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._console)
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _console(self, message: Any) -> None:
        """Errors on the console count, except for what lies elsewhere on the internet (fonts, icons).

        Below a page's address Streamlit looks for itself, in vain, before it does so at the server's root.
        """
        at = urlsplit(message.location["url"])
        own = at.netloc in ("", urlsplit(self.home).netloc) and at.path.rfind("/_stcore/") <= 0
        if message.type == "error" and own:
            self.faults.append(f"{message.text} {at.path}")

    def go(self, path: str) -> Any:
        """Open an address of the app, and return the page.

        Where the app is loaded already, the browser goes there by way of another page, as by its back button: all that
        is on the page is made anew, by a third of the work. `v=1` says that what the address is silent about is not
        to stay as it was. What media a test has emulated stays.
        """
        if not self.page.url.startswith(self.home):
            self.page.goto(self.home + path)
            return self.page
        self.page.evaluate(FOLLOW, ELSEWHERE)
        self.page.wait_for_selector(ITS_OWN)
        self.page.set_viewport_size(SCREEN)
        self.page.mouse.move(0, 0)
        self.page.evaluate(FOLLOW, path if "?" in path else f"{path}?v=1")
        if path != ELSEWHERE:
            self.page.wait_for_selector(ITS_OWN, state="detached")
        return self.page

    def leave(self) -> None:
        """Leave the app: what is opened next is loaded anew, and is a session of its own."""
        self.page.goto("about:blank")

    def open(self, **query: Any) -> Board:
        """Go to Explore with these URL parameters and wait until it has drawn."""
        self.go(f"/?{urlencode(query)}" if query else "/")
        return self.settle()

    def settle(self, **values: Any) -> Board:
        """Wait until Python's exact answer is painted, with these values if any are given."""
        self.page.wait_for_function(
            """values => {
                const board = document.querySelector(".lb");
                if (board?.dataset.settled !== "true") return false;
                const painted = JSON.parse(board.dataset.painted);
                return Object.entries(values).every(([field, value]) => painted[field] === value);
            }""",
            arg=values,
        )
        return self

    @property
    def painted(self) -> dict[str, Any]:
        """The values of the sliders that are painted now."""
        return self.page.evaluate("() => JSON.parse(document.querySelector('.lb').dataset.painted)")

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the address bar."""
        return self.page.evaluate("() => Object.fromEntries(new URLSearchParams(location.search))")

    def plot(self, name: str) -> Any:
        """The element that Plotly draws a picture in."""
        return self.page.locator(".lb-plot").nth(list(PICTURES).index(name))

    def traces(self, name: str) -> list[dict[str, Any]]:
        """What Plotly has drawn, which it does at the latest when somebody comes to look closer."""
        self.plot(name).hover()
        self.page.wait_for_selector(".lb[data-settled='true']")
        return self.plot(name).evaluate(
            """plot => plot.data.map(t => ({
                name: t.name ?? null, color: t.line?.color ?? null, x: Array.from(t.x), y: t.y && Array.from(t.y)
            }))"""
        )

    def pixel(self, activation: int, unit: int, step: int) -> list[int]:
        """The colour of one cell in the heatmap of the n-th activation, read off the canvas."""
        return self.plot("states").evaluate(
            """(plot, [tail, unit, step]) => {
                const {["xaxis" + tail]: X, ["yaxis" + tail]: Y} = plot._fullLayout;
                const canvas = plot.parentElement.querySelector("canvas");
                const ratio = canvas.width / plot.clientWidth;
                const place = [X._offset + X.d2p(step), Y._offset + Y.d2p(unit)].map(v => Math.floor(v * ratio));
                return [...canvas.getContext("2d").getImageData(...place, 1, 1).data];
            }""",
            ["" if activation == 0 else str(activation + 1), unit, step],
        )

    def shows(self, config: Config, show: tuple[str, ...] = ("tanh", "sigmoid"), dark: bool = False) -> None:
        """Every line of every picture is what the engine computes for these settings, in this process."""
        self.page.wait_for_selector(f".lb[data-settled='true'][data-key='{identity(config, show, ())}']")
        traces = compare(config, show)
        for name in ("truncation", "terms", "clipping"):
            expected, drawn = resolve(PICTURES[name](traces).figure, dark)["data"], self.traces(name)
            assert [t["name"] for t in drawn] == [t.get("name") for t in expected]
            for got, want in zip(drawn, expected, strict=True):
                assert got["color"] == want.get("line", {}).get("color")
                for axis in "xy":
                    np.testing.assert_allclose(
                        np.array(got[axis], float), want[axis], rtol=1e-6, atol=1e-12, err_msg=name
                    )


def drag(page: Any, field: str, share: float, values: int = 6) -> Any:
    """Drag a slider's thumb to and fro, up to a share of its width, until the pictures have followed to some values.

    What is painted is read before the button is let go; a busy machine may take its time. Returns the last value.
    """
    slider = page.locator(f"#lb-{field}")
    box, begin = slider.bounding_box(), slider.evaluate("input => input.value / input.max")
    y, seen, end = box["y"] + box["height"] / 2, set(), time.monotonic() + WAIT / 1000

    def move(share: float) -> None:
        page.mouse.move(box["x"] + 10 + share * (box["width"] - 20), y)

    move(begin)
    page.mouse.down()
    for i in count(1):
        move(begin + (share - begin) * (1 - abs(1 - i / 25 % 2)))
        page.wait_for_timeout(40)
        seen.add(json.loads(page.locator(".lb").first.get_attribute("data-painted"))[field])
        if i % 50 == 25 and len(seen) >= values:
            break
        assert time.monotonic() < end, f"the pictures followed to {seen} only"
    page.mouse.up()
    page.locator(".lb[data-settled='true']").first.wait_for()
    return json.loads(page.locator(".lb").first.get_attribute("data-painted"))[field]
