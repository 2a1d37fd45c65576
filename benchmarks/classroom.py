"""A class on one link: how soon pages answer and what they weigh when 10, 30, 100 of them are open.

    python -m benchmarks.classroom

Needs playwright and a Chromium, and Linux (memory and processor time are read from /proc). Students without a browser
(benchmarks/students.py) take hold of a slider and let go of it at another value every two seconds, each in a rhythm of
his own; an answer counts when the last of it has come. They, the server, and a few real Chromium pages, opened before
anything is measured, share this machine's cores, where Chromium comes last: in class it has machines of its own, and
here it would put its threads before everybody else's if it may (as root it may).

"One link": all see the network that the link names, as in class. "Own networks": every page has a seed of its own, so
that no page's results serve another's. "Plain": the same pictures by `st.plotly_chart` with Streamlit's own settings
(benchmarks/plain_page.py), all on one link. "Two processes": one link again, behind nginx as deploy/ configures it
(left out where nginx is not installed). Figures are medians of a few short rounds.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

# Inherited by the servers, as deploy/Dockerfile sets it: threads shall share memory that others have given back.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MALLOC_ARENA_MAX="2")

import numpy as np
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.class_chart import CHART, chart
from benchmarks.latency import DRAWN, PROBE, SHOWN, goal
from benchmarks.serving import FLAGS, NGINX, ROOT, STOCK, Server, behind_nginx, server
from benchmarks.students import BoardStudent, PlainStudent, Student, TrainingStudent
from explorer.config import SPECS

GRID = SPECS["weight_scale"].grid
CLASSES = (10, 30, 100)  # open pages
EVERY = 2.0  # seconds between two changes on one page
LAST = 10  # the "niceness" of Chromium's threads
ROUNDS = 3
SECONDS = 6  # of a round
BROWSERS = 3  # Chromium pages among the others
PRESET = "explode"
TRAININGS = 20  # started at once


@dataclass(frozen=True)
class Kind:
    """What the students have open."""

    student: Callable[..., Student]
    script: Path
    own_network: bool = False
    options: tuple[str, ...] = ()
    processes: int = 1  # more than one stand behind nginx

    @property
    def in_class(self) -> bool:
        """Whether they all look at the app at the same link, and so do the Chromium pages."""
        return self.student is BoardStudent and not self.own_network


KINDS = {
    "live board, one link": Kind(BoardStudent, ROOT / "app.py"),
    **({"one link, two processes": Kind(BoardStudent, ROOT / "app.py", processes=2)} if NGINX else {}),
    "live board, own networks": Kind(BoardStudent, ROOT / "app.py", own_network=True),
    "plain page, one link": Kind(PlainStudent, ROOT / "benchmarks" / "plain_page.py", options=STOCK),
}


@dataclass
class Measured:
    """One class: seconds until all had the page, and until all had moved its slider for the first time, within a
    second; milliseconds per answer; and what it took."""

    pages: int
    opened: float
    grabbed: float
    p50: float
    p95: float
    slowest: float
    answers: int
    faults: list[str]
    kilobytes: float  # received per answer
    work: float  # processor milliseconds of the server per answer
    megabytes: float  # of the server per page
    preset: float = np.nan  # the slowest of all answers to a preset that all press, seconds
    training: float = np.nan  # p95 of the answers while TRAININGS others train, milliseconds
    pixels: tuple[float, ...] = ()  # milliseconds, key press to pixels in Chromium


async def lesson(students: list[Student], seconds: float) -> list[float]:
    """Everybody moves the slider every two seconds; the seconds of every answer."""
    end = time.perf_counter() + seconds

    async def take_part(student: Student) -> list[float]:
        waits = []
        due = time.perf_counter() + random.uniform(0, EVERY)
        while due < end:
            await asyncio.sleep(due - time.perf_counter())
            waits.append(await student.move(random.choice(GRID)))
            due = max(due + EVERY, time.perf_counter())  # nobody moves on before he has seen the answer
        return waits

    return [wait for waits in await asyncio.gather(*map(take_part, students)) for wait in waits]


async def within_a_second(students: list[Student], does: Callable[[Student], Awaitable[float]]) -> float:
    """All do the same within one second; the slowest answer in seconds."""

    async def one(student: Student) -> float:
        await asyncio.sleep(random.random())
        return await does(student)

    return max(await asyncio.gather(*map(one, students)))


async def while_others_train(url: str, students: list[Student]) -> tuple[float, list[str]]:
    """p95 of the students' answers in milliseconds while others have begun to train, and what went wrong there."""
    others = [TrainingStudent(url) for _ in range(TRAININGS)]
    await asyncio.gather(*(other.open() for other in others))
    trained = asyncio.gather(*(other.train(2 * SECONDS) for other in others))
    waits = await lesson(students, 2 * SECONDS)
    await trained
    await asyncio.gather(*(other.close() for other in others))
    return float(np.percentile(waits, 95)) * 1e3, [fault for other in others for fault in other.faults]


async def open_in_chromium(browser: Browser, url: str) -> Page:
    """A real page among the others, with all its pictures."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await page.goto(f"{url}/?scale={GRID[0]}")
    await page.wait_for_function(DRAWN["settled"])
    await page.evaluate(PROBE, SHOWN["explore"])
    await page.locator("#lb-weight_scale").focus()
    return page


def come_last() -> None:
    """Whatever this process has started in a browser's name, to the last thread, runs when nobody else wants to."""
    stats = [(path, path.read_text().rpartition(")")) for path in Path("/proc").glob("[0-9]*/stat")]
    parents = {path.parent.name: after.split()[1] for path, (_, _, after) in stats}
    ours, session = {str(os.getpid())}, Path("/proc/self/autogroup")
    own = session.read_text() if session.exists() else ""
    for _ in parents:
        ours |= {pid for pid, parent in parents.items() if parent in ours}
    for path, (name, _, _) in stats:
        if path.parent.name in ours and "chrom" in name:
            for thread in (path.parent / "task").iterdir():
                os.setpriority(os.PRIO_PROCESS, int(thread.name), LAST)
            group = path.parent / "autogroup"  # Linux first shares its cores between sessions, Chromium's being one
            said = group.read_text() if group.exists() else own
            if said != own and said.split()[-1] != str(LAST):  # once for all of its processes
                group.write_text(str(LAST))


async def press_keys(page: Page, seconds: float) -> list[float]:
    """Milliseconds from each key press to its pixels."""
    await asyncio.sleep(random.uniform(0, EVERY))
    lags = []
    for value in GRID[1 : 1 + int(seconds / EVERY)]:
        await page.evaluate("value => void press(value)", value)
        await page.keyboard.press("ArrowRight")
        lags.append(await page.evaluate("() => window.answer"))
        await asyncio.sleep(EVERY)
    await page.close()
    return lags


async def measure(kind: Kind, pages: int, browser: Browser) -> Measured:
    """One class on a server of its own."""
    if kind.processes > 1:
        with behind_nginx(kind.processes) as running:
            return await with_server(kind, pages, browser, running)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) if kind.options else ROOT  # away from the project's config.toml
        with server(kind.script, where, *kind.options) as running:
            return await with_server(kind, pages, browser, running)


async def with_server(kind: Kind, pages: int, browser: Browser, running: Server) -> Measured:
    """The same, once the server is up."""
    firsts = [kind.student(url) for url in running.apps]  # imports and first caches are the server's, not a page's
    for first in firsts:
        await first.open()
        await lesson([first], EVERY)
    before = running.megabytes()

    students = [kind.student(running.url, **({"seed": i} if kind.own_network else {})) for i in range(pages)]
    start = time.perf_counter()
    await asyncio.gather(*(student.open() for student in students))
    opened = time.perf_counter() - start
    grabbed = await within_a_second(students, lambda student: student.move(random.choice(GRID)))

    opening = (open_in_chromium(browser, running.url) for _ in range(BROWSERS if kind.in_class else 0))
    real_pages = await asyncio.gather(*opening)
    come_last()
    pressing = asyncio.gather(*(press_keys(page, ROUNDS * SECONDS - EVERY) for page in real_pages))
    received, worked = sum(s.received for s in students), running.seconds()
    rounds = [np.array(await lesson(students, SECONDS)) for _ in range(ROUNDS)]
    answers = sum(map(len, rounds))
    received, worked = sum(s.received for s in students) - received, running.seconds() - worked
    result = Measured(
        pages=pages,
        opened=opened,
        grabbed=grabbed,
        p50=float(np.median([np.median(r) for r in rounds])) * 1e3,
        p95=float(np.median([np.percentile(r, 95) for r in rounds])) * 1e3,
        slowest=max(r.max() for r in rounds) * 1e3,
        answers=answers,
        faults=[],
        kilobytes=received / answers / 1e3,
        work=worked / answers * 1e3,
        megabytes=(running.megabytes() - before) / pages,
        pixels=tuple(lag for lags in await pressing for lag in lags),
    )
    if kind.in_class:
        result.training, result.faults = await while_others_train(running.url, students)
    if kind.student is BoardStudent:  # last, for it changes what the students look at
        result.preset = await within_a_second(students, lambda student: student.press(PRESET))
    result.faults = [*result.faults, *(fault for student in students for fault in student.faults)]
    await asyncio.gather(*(first.close() for first in firsts), *(student.close() for student in students))
    return result


# ------------------------------------------------------------------------------------------------------ what came out

HEAD = (
    f"{'':26s}{'pages':>6s}{'open s':>8s}{'grab s':>8s}{'p50':>7s}{'p95':>7s}{'max ms':>8s}{'answers':>9s}"
    f"{'errors':>8s}{'KB':>7s}{'CPU ms':>8s}{'MB/page':>9s}{'preset s':>10s}"
    f"{'training p95':>14s}{'pixels p50/p95':>16s}"
)


def line(name: str, m: Measured) -> str:
    """One row of the table."""
    pixels = f"{np.median(m.pixels):.0f} / {np.percentile(m.pixels, 95):.0f}" if m.pixels else "–"
    preset, training = (f"{value:.{n}f}" if value == value else "–" for value, n in ((m.preset, 2), (m.training, 0)))
    return (
        f"{name:26s}{m.pages:6d}{m.opened:8.1f}{m.grabbed:8.1f}{m.p50:7.0f}{m.p95:7.0f}{m.slowest:8.0f}{m.answers:9d}"
        f"{len(m.faults):8d}{m.kilobytes:7.0f}{m.work:8.1f}{m.megabytes:9.2f}{preset:>10s}{training:>14s}{pixels:>16s}"
    )


async def main(classes: tuple[int, ...]) -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores before the first class\n{HEAD}")
        results: dict[str, list[Measured]] = {name: [] for name in KINDS}
        for pages in classes:
            for name, kind in KINDS.items():
                results[name].append(await measure(kind, pages, browser))
                print(line(name, results[name][-1]), flush=True)
        most = classes[-1]
        last = {name: measured[-1] for name, measured in results.items()}
        print(f"\n  {most} pages, each changing a slider every {EVERY:g} s")
        for name, kind in KINDS.items():
            m = last[name]
            if kind.student is BoardStudent:
                print(f"  {name}")
                goal("answer p95 at most 100 ms", m.p95 <= 100)
                goal("no errors, and at most 0.5 MB a page", not m.faults and m.megabytes <= 0.5)
                goal("a preset that all press within a second is answered within 2 s", m.preset <= 2)
            if kind.in_class:
                goal(f"{TRAININGS} trainings begun at once: p95 of the others at most 250 ms", m.training <= 250)
        link, plain = last["live board, one link"], last["plain page, one link"]
        print(
            f"    the plain page's p95 is {plain.p95 / link.p95:.0f} times as long, its memory {plain.megabytes:.2f} MB"
        )
        for fault in sorted({fault for m in last.values() for fault in m.faults})[:5]:
            print(f"    fault: {fault[:200]}")
        if classes == CLASSES:
            await chart(results, browser)
            print(f"    drawn: {CHART.relative_to(ROOT)}")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(tuple(map(int, sys.argv[1:])) or CLASSES))
