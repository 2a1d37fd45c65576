"""How soon pictures follow a slider: the Explore page, a plain Streamlit page with the same pictures, an empty page.

    python benchmarks/latency.py

Needs playwright and a Chromium. Key presses: from the keydown event to the end of the frame in which *all* pictures
show the new value. All servers are up together and the pages take turns every few changes, so that a busy machine
slows all alike: read ratios; absolute milliseconds are this machine's at this moment. No value is visited twice.
The plain and the empty page run with Streamlit's own settings, Explore with the project's `.streamlit/config.toml`.
First loads: from the start of a server, or from the moment that somebody opens the link, to the frame that shows four
pictures with their axes; beside it, to the frame in which Plotly has drawn them too and they can be zoomed.
"""

import base64
import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # inherited by the servers
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.serving import FLAGS, ROOT, STOCK, server
from explorer.config import SPECS

GRID = SPECS["weight_scale"].grid
SIZES = [(50, 16), (200, 64)]  # T, H
SEEDS = (1, 2)  # each seed is one walk along the whole slider
TURN = 4  # changes before the next page has its turn
WARM = 4  # changes at the start of a walk that are not counted
REST = 0.12  # seconds between two key presses
SCREEN = {"width": 1440, "height": 900}
LOADS = 5  # first loads of each page
WARMING = 2.0  # seconds after the very first: hello goes on to load pandas, and would be slowed by that the next time

EMPTY = f"""
import streamlit as st
st.write("value", st.select_slider("Weight scale", {list(GRID)}, key="weight_scale"))
"""

# shown(value): do all pictures of the page show this value?
SHOWN = {
    "explore": """value => {
        const painted = document.querySelector(".lb")?.dataset.painted;
        return painted && JSON.parse(painted).weight_scale === value;
    }""",
    "plain": """value => {
        const titles = [...document.querySelectorAll(".stPlotlyChart .gtitle")];
        return titles.length === 4 && titles.every(title => Number(title.textContent.split(" · ").at(-1)) === value);
    }""",
    "empty": """value => [...document.querySelectorAll(".stMarkdown")].some(
        text => text.textContent.startsWith("value") && Number(text.textContent.slice(5)) === value)""",
}

# afterFrame(f): f runs when the frame that is being made has been handed over.
# press(value, settled): the milliseconds from the next keydown to the frame that shows the value.
PROBE = """shown => {
    window.shown = eval(shown);
    window.afterFrame = f => {
        const {port1, port2} = new MessageChannel();
        port1.onmessage = () => f(performance.now());
        port2.postMessage(null);
    };
    window.press = value => window.answer = new Promise(done => addEventListener("keydown", event => {
        const look = () => requestAnimationFrame(() => afterFrame(now =>
            window.shown(value) ? done(now - event.timeStamp) : look()));
        look();
    }, {capture: true, once: true}));
}"""

# Whether a page that is opened for the first time has drawn what it is opened for; of hello, all of its text.
DRAWN = {
    "explore": "() => document.querySelector('.lb')?.dataset.painted",
    "settled": "() => document.querySelector('.lb')?.dataset.settled === 'true'",
    "hello": "() => [...document.querySelectorAll('h3')].some(head => head.textContent.startsWith('See more'))",
}

# What is drawn is seen in the page: asked from outside, it would answer late while it is busy.
WATCH = """drawn => {
    window.firstFrame = {};
    const watch = (name, shown) => requestAnimationFrame(() => {
        if (!shown()) return watch(name, shown);
        const {port1, port2} = new MessageChannel();
        port1.onmessage = () => window.firstFrame[name] = (performance.timeOrigin + performance.now()) / 1000;
        port2.postMessage(null);
    });
    for (const [name, shown] of Object.entries(drawn)) watch(name, shown);
}"""

# Every movement of the thumb with the time of its mouse event, until the frame is out that shows it.
DRAG_PROBE = """() => {
    const board = document.querySelector(".lb");
    const drag = window.drag = {lags: [], paints: [],};
    let moved = 0, waiting = [];
    addEventListener("pointermove", event => moved = event.timeStamp, {capture: true});
    document.querySelector("#lb-weight_scale").addEventListener("input", () => waiting.push(moved), {capture: true});
    new MutationObserver(() => {
        const seen = waiting;
        waiting = [];
        afterFrame(now => {
            drag.paints.push(now);
            drag.lags.push(...seen.map(t => now - t));
        });
    }).observe(board, {attributeFilter: ["data-paints"]});
}"""


class Side:
    """One of the pages that are compared, open in a tab of its own."""

    def __init__(self, name: str, url: str, context):
        self.name, self.url, self.page = name, url, context.new_page()
        self.received = 0  # bytes over the WebSocket so far
        cdp = context.new_cdp_session(self.page)
        cdp.send("Network.enable")
        cdp.on("Network.webSocketFrameReceived", self._count)
        self.slider = "#lb-weight_scale" if name == "explore" else "[role=slider], input[type=range]"

    def _count(self, frame: dict) -> None:
        data = frame["response"]["payloadData"]
        self.received += len(base64.b64decode(data)) if frame["response"]["opcode"] == 2 else len(data)

    def open(self, T: int, H: int, seed: int) -> None:
        """Load the page with the slider at its first position, and focus the slider."""
        self.page.bring_to_front()
        self.page.goto(f"{self.url}/?T={T}&H={H}&seed={seed}&scale={GRID[0]}")
        self.page.wait_for_function(SHOWN[self.name], arg=GRID[0])
        self.page.evaluate(PROBE, SHOWN[self.name])
        self.page.wait_for_timeout(1000)  # fonts, icons, what else comes late
        self.page.locator(self.slider).first.focus()
        self.page.wait_for_timeout(1500)

    def rest(self) -> None:
        """Until nothing is under way."""
        if self.name == "explore":
            self.page.wait_for_function("document.querySelector('.lb').dataset.settled === 'true'")
        self.page.wait_for_timeout(1e3 * REST)

    def step(self, value: float) -> tuple[float, int]:
        """One key press to the next position: milliseconds to its pixels, and bytes received for it."""
        before = self.received
        self.page.evaluate("value => void press(value)", value)
        self.page.keyboard.press("ArrowRight")
        lag = self.page.evaluate("() => window.answer")
        self.rest()
        return lag, self.received - before


def key_presses(sides: list[Side], T: int, H: int) -> dict[str, np.ndarray]:
    """(changes, 2) per page: milliseconds and bytes."""
    found = {side.name: [] for side in sides}
    for seed in SEEDS:
        for side in sides:
            side.open(T, H, seed)
        for start in range(1, len(GRID), TURN):
            for side in sides:
                side.page.bring_to_front()
                taken = [side.step(value) for value in GRID[start : start + TURN]]
                found[side.name] += taken if start > WARM else []
    return {name: np.array(rows) for name, rows in found.items()}


def drag(side: Side, T: int, H: int, seed: int, patient: bool) -> tuple[float, list[float], int]:
    """60 mouse moves, 16 ms apart: painted updates a second, the lag of every movement, and bytes received.

    Chromium takes the next move when it has dealt with the last, so that a slow page is moved more slowly.
    `patient`: the thumb is held until the strip has come; else the drag starts at once, with nothing computed yet.
    """
    page = side.page
    page.bring_to_front()
    page.goto(f"{side.url}/?T={T}&H={H}&seed={seed}&scale={GRID[0]}")
    page.wait_for_function(SHOWN["explore"], arg=GRID[0])
    page.evaluate(PROBE, SHOWN["explore"])
    page.wait_for_timeout(1500)
    page.evaluate(DRAG_PROBE)
    box = page.locator(side.slider).bounding_box()
    x, y, width = box["x"] + 10, box["y"] + box["height"] / 2, box["width"] - 20
    page.mouse.move(x, y)
    before = side.received
    page.mouse.down()
    page.wait_for_timeout(1500 if patient else 0)
    start = time.perf_counter()
    for i in range(60):
        page.mouse.move(x + width * (i + 1) / 60, y)
        page.wait_for_timeout(max(0.0, 1e3 * (start + 0.016 * (i + 1) - time.perf_counter())))
    seconds = time.perf_counter() - start
    measured = page.evaluate("() => window.drag")
    page.mouse.up()
    side.rest()
    return len(measured["paints"]) / seconds, measured["lags"], side.received - before


def first_loads(browser) -> None:
    """Seconds until a page stands there that nobody has loaded before, beside `streamlit hello`, in turns."""
    pages = {"explore": (ROOT / "app.py", ROOT), "hello": (None, ROOT.parent)}
    cold, warm, again = ({name: [] for name in DRAWN} for _ in range(3))
    for _ in range(LOADS):
        for name, (script, where) in pages.items():
            begun = time.time()
            with server(script, where) as running:
                context = browser.new_context(viewport=SCREEN)
                first_load(context, running.url, name, begun, cold)
                context.close()
                time.sleep(WARMING)
                context = browser.new_context(viewport=SCREEN)
                for found in (warm, again):  # with an empty cache, then with a full one
                    first_load(context, running.url, name, time.time(), found)
                context.close()
    print(f"\nFirst load, {LOADS} times each       explore s    streamlit hello s    ratio    with Plotly s")
    for words, found in (
        ("server started → four pictures", cold),
        ("warm server, a new browser", warm),
        ("warm server, a browser that knows it", again),
    ):
        ours, settled, hello = (np.median(found[name]) for name in DRAWN)
        print(f"  {words:38s} {ours:6.2f} {hello:15.2f} {ours / hello:16.2f} {settled:13.2f}")
        if found is not again:
            goal(f"{words}: at most 1.3 times as long", ours / hello <= 1.3)


def first_load(context, url: str, name: str, begun: float, found: dict[str, list[float]]) -> None:
    """Open a new page, and note how long after `begun` it has drawn everything."""
    page, awaited = context.new_page(), ("explore", "settled") if name == "explore" else (name,)
    drawn = ", ".join(f"{each}: {DRAWN[each]}" for each in awaited)
    page.add_init_script(f"({WATCH})({{{drawn}}})")
    page.goto(url, wait_until="commit")
    page.wait_for_function(f"Object.keys(window.firstFrame).length === {len(awaited)}")
    for each, at in page.evaluate("window.firstFrame").items():
        found[each].append(at - begun)
    page.close()


def p50_p95(values) -> str:
    return f"{np.median(values):6.0f} /{np.percentile(values, 95):5.0f}"


def goal(text: str, met: bool) -> None:
    print(f"    {text:66s} {'met' if met else 'NOT MET'}")


def report(sides: list[Side], T: int, H: int) -> None:
    """One table for one size of network."""
    print(f"\nT = {T}, H = {H}\n  key press → pixels      changes   ms p50 /  p95     against plain   KB received")
    keys = key_presses(sides, T, H)
    plain = np.median(keys["plain"][:, 0])
    for name, rows in keys.items():
        ratio = plain / np.median(rows[:, 0])
        kilobytes = np.median(rows[:, 1]) / 1e3
        print(f"  {name:22s} {len(rows):8d}   {p50_p95(rows[:, 0])}   {ratio:9.1f}× faster {kilobytes:11.1f}")
    mine = keys["explore"][:, 0]
    goal("key press at least 2.5 times faster than the plain page", plain / np.median(mine) >= 2.5)
    goal("key press p95 at most 100 ms", np.percentile(mine, 95) <= 100)
    print("  drag, 60 moves of 16 ms        painted/s   lag ms p50 /  p95   KB received (the strip, mostly)")
    for patient in (True, False):
        runs = [drag(sides[0], T, H, 10 + 2 * i + patient, patient) for i in range(4)]
        rate, lags = np.median([r[0] for r in runs]), np.concatenate([r[1] for r in runs])
        kilobytes = np.median([r[2] for r in runs]) / 1e3
        words = "strip there" if patient else "from the first touch, nothing cached"
        print(f"  {words:36s} {rate:5.0f}       {p50_p95(lags)} {kilobytes:13.0f}")
        if patient:
            goal("drag paints at least 20 updates a second", rate >= 20)
            goal("drag lag p95 at most 60 ms", np.percentile(lags, 95) <= 60)


def main() -> None:
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "empty.py").write_text(EMPTY, encoding="utf-8")
        urls = {
            "explore": stack.enter_context(server(ROOT / "app.py", ROOT)).url,
            "plain": stack.enter_context(server(ROOT / "benchmarks" / "plain_page.py", folder, *STOCK)).url,
            "empty": stack.enter_context(server(folder / "empty.py", folder, *STOCK)).url,
        }
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(viewport=SCREEN)
        sides = [Side(name, url, context) for name, url in urls.items()]
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: above about 1, trust ratios only")
        first_loads(browser)
        for T, H in SIZES:
            report(sides, T, H)
        browser.close()


if __name__ == "__main__":
    main()
