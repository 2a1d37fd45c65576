"""The edition without a server: how large, how soon there, how quick, beside the app on a server.

    python benchmarks/static.py [--wheels DIR]

Builds it, serves it on this machine and opens it in Chromium. *Cold*: nothing is in the browser yet, and the host sends
at once (add the download to it: the sizes are printed). *Warm*: every later visit; the goal is for their median. Key
press → pixels as in latency.py: the pages take turns, so that a busy machine slows all alike. Without --wheels the
compiled wheels come from jsDelivr.
"""

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.latency import GRID, PROBE, SHOWN, goal, p50_p95
from benchmarks.serving import FLAGS, ROOT, server
from deploy.static.build import build, gzipped

MOST = 180_000  # ms
PAGES = {"the full app": "/", "explore.html": "/explore.html"}
GOALS = {"the full app": (35, 8), "explore.html": (10, 3)}  # MB gzipped, seconds of a later visit
TURN, WARM, STEPS = 4, 4, 44
WARM_VISITS = 5
REST = 0.12  # seconds between two key presses
DRAWN = "() => document.querySelector('.lb')?.dataset.settled === 'true'"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def resident() -> float:
    """MB in this process's Chromium, shared pages counted once."""
    parents, sizes = {}, {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            lines = (
                (process / "smaps_rollup").read_text().splitlines()
                if b"chrom" in (process / "cmdline").read_bytes()
                else []
            )
            sizes[int(process.name)] = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e3
        except OSError:
            continue

    def ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and ours(parents[pid]))

    return sum(size for pid, size in sizes.items() if ours(pid))


def opened(page, address: str) -> float:
    """Seconds from the navigation to settled pictures."""
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(DRAWN, timeout=MOST)
    return time.perf_counter() - begun


def visit(page, address: str) -> float:
    """The same, by somebody who stays for a moment before."""
    page.goto("about:blank")
    page.wait_for_timeout(3000)
    return opened(page, address)


def visits(browser, url: str, name: str) -> None:
    """The first visit and later ones, and what the browser holds then."""
    before = resident()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    cold, *warm = (visit(page, url + PAGES[name]) for _ in range(1 + WARM_VISITS))
    megabytes = resident() - before
    seconds = ", ".join(f"{time:.1f}" for time in warm)
    print(f"  {name:14s} first picture: cold {cold:.1f} s, warm {seconds} s; memory {megabytes:.0f} MB")
    goal(f"{name}: warm within {GOALS[name][1]} s", np.median(warm) <= GOALS[name][1])
    context.close()


def key_presses(browser, addresses: dict[str, str]) -> dict[str, np.ndarray]:
    """Milliseconds from a key press on the weight scale to its pixels, per page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    pages, found = {}, {name: [] for name in addresses}
    for name, address in addresses.items():
        page = pages[name] = context.new_page()
        opened(page, f"{address}?T=50&H=16&seed=1&scale={GRID[0]}")
        page.evaluate(PROBE, SHOWN["explore"])
        page.locator("#lb-weight_scale").focus()
        page.wait_for_timeout(3000)
    for start in range(1, STEPS, TURN):
        for name, page in pages.items():
            page.bring_to_front()
            for value in GRID[start : start + TURN]:
                page.evaluate("value => void press(value)", value)
                page.keyboard.press("ArrowRight")
                lag = page.evaluate("() => window.answer")
                found[name] += [lag] if start > WARM else []
                page.wait_for_function(DRAWN)
                page.wait_for_timeout(1e3 * REST)
    context.close()
    return {name: np.array(lags) for name, lags in found.items()}


def sizes(folder: Path, parts: dict) -> None:
    """What a visitor downloads, as it lies there and as it travels."""
    for name, which in {"the full app": "first", "explore.html": "board", "and later": "later"}.items():
        needed = parts[which]
        raw, packed = sum(part["bytes"] or 0 for part in needed) / 1e6, gzipped(folder, needed) / 1e6
        print(f"  {name:14s} {raw:5.1f} MB, gzipped {packed:5.1f} MB")
        if name in GOALS:
            goal(f"{name}: at most {GOALS[name][0]} MB gzipped", packed <= GOALS[name][0])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheels", type=Path, help="compiled wheels; their sizes are counted only then")
    wheels = parser.parse_args().wheels
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "site"
        parts = build(folder, wheels)
        host = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        threading.Thread(target=host.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{host.server_port}"
        app = stack.enter_context(server(ROOT / "app.py", ROOT)).url
        playwright = stack.enter_context(sync_playwright())
        launch = partial(playwright.chromium.launch, executable_path=chromium, args=FLAGS)
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: above about 1, trust ratios only")
        sizes(folder, parts)
        for name in PAGES:
            browser = launch()  # a fresh one for each, or the last one's memory would be counted
            visits(browser, url, name)
            browser.close()
        browser = launch()
        lags = key_presses(browser, {"a server": f"{app}/"} | {name: url + path for name, path in PAGES.items()})
        print("  key press → pixels, ms p50 / p95")
        for name, values in lags.items():
            print(f"  {name:14s} {p50_p95(values)}")
            if name != "a server":
                goal(f"{name}: at most 1.3 times a server's", np.median(values) <= 1.3 * np.median(lags["a server"]))
        browser.close()


if __name__ == "__main__":
    main()
