"""What keeps a server prompt while a class uses it.

Streamlit gives every run of a page a thread of its own, and Python lets one thread compute at a time, a few
milliseconds each. Of a hundred runs at once all would be ready at the end only, and the thread that sends answers
would have to wait for its share like any other. So runs stand in line: what a page needs is short, and the first
answers leave while the last are waiting. What a slider moves runs without its page, and goes before whole pages, which
make way for it between their parts. Who takes long is passed by the others.
"""

from __future__ import annotations

import gc
import sys
from bisect import insort
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock, get_ident
from time import monotonic, sleep

import streamlit as st

from explorer.answers import answer_swiftly
from explorer.browser import IN_BROWSER
from explorer.mishaps import reported

AT_ONCE = 1  # Python computes one thing at a time, and the thread that sends needs it, too
PATIENCE = 0.1  # seconds; while somebody's run takes longer, others go on beside it
OVERDUE = 3.0  # seconds that a whole page may be passed by what sliders move
POLITE = 0.1  # seconds for which who works on and on lets others pass each time
DRAWING = 0.6  # seconds: a browser that has just loaded the app draws a board in 0.3 to 0.5, if it is sent nothing else
SWITCH = 0.001  # seconds between two threads, Python's own value being 0.005: the one that sends must not wait for long


class Ticket:
    """Somebody's place in the queue: since when, and whether it is his turn."""

    def __init__(self, since: float) -> None:
        self.since, self.called = since, Event()


class Places:
    """So many places; a free one goes to who has waited longest, of those who go first if there are any.

    Who does not go first and has waited for OVERDUE seconds is called in turn with those who do. If no place has been
    handed on for `patience` seconds, those who hold them take long, and one more is lent; the first of them to end
    gives it back.
    """

    def __init__(self, number: int, patience: float = PATIENCE):
        self._free, self._lent, self._patience = number, 0, patience
        self._lock = Lock()
        self._first: list[Ticket] = []
        self._others: list[Ticket] = []
        self._handed_on = monotonic()  # when a place last was
        self._overdue_was_last = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._first) + len(self._others)

    @property
    def hurried(self) -> bool:
        """Whether somebody waits who goes first."""
        return bool(self._first)

    def acquire(self, first: bool, since: float) -> float:
        """Wait for a place as one who has waited `since` then; since when it is held."""
        with self._lock:
            if self._free:
                self._free -= 1
                self._handed_on = monotonic()
                return self._handed_on
            ticket = Ticket(since)
            insort(self._first if first else self._others, ticket, key=lambda each: each.since)
        while not ticket.called.wait(self._patience):
            with self._lock:
                if len(self) and monotonic() - self._handed_on >= self._patience:
                    self._lent += 1
                    self._call_next()
        return monotonic()

    def release(self, held: float) -> None:
        """Hand a place on that has been held since then."""
        with self._lock:
            if self._lent and monotonic() - held >= self._patience:
                self._lent -= 1
            elif len(self):
                self._call_next()
            else:
                self._free += 1

    def _call_next(self) -> None:
        """Whoever's turn it is."""
        self._handed_on = monotonic()
        overdue = self._others and self._handed_on - self._others[0].since > OVERDUE
        self._overdue_was_last = bool(overdue) and not self._overdue_was_last
        queue = self._others if self._overdue_was_last or not self._first else self._first
        queue.pop(0).called.set()


@dataclass
class Run:
    """A run in line: whether it goes first, since when it has been waiting or going on, and since when with a place."""

    first: bool
    since: float
    held: float | None = None


class Line:
    """Runs in line. The object that sessions share; a run inside a run (a fragment of a page) does not wait again."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE):
        self._places, self._long = Places(at_once, patience), Lock()
        self._settled = False  # whether the first run is over, and has loaded what runs need
        self._runs: dict[int, Run] = {}  # by thread, those that still wait included
        self._waiting: dict[int, Hashable] = {}  # the threads of runs that wait to do long work, and which

    @contextmanager
    def place(self, first: bool = False) -> Iterator[None]:
        """Wait for a place, `first` before all who are not, and hold it for the block."""
        me = get_ident()
        if me in self._runs:
            yield
            return
        run = self._runs[me] = Run(first, monotonic())
        try:
            run.held = self._places.acquire(first, run.since)
            yield
        finally:
            del self._runs[me]
            if run.held is not None:
                self._places.release(run.held)
            if not self._settled:
                self._settled = True
                gc.freeze()  # what has been loaded stays: a collection that looks through it takes all 0.2 s longer

    @contextmanager
    def _without_place(self) -> Iterator[None]:
        """Give the place up for the block, if this thread holds one, and wait for one again after it."""
        run = self._runs.get(get_ident())
        if run is None or run.held is None:
            yield
            return
        held, run.held = run.held, None
        self._places.release(held)
        try:
            yield
        finally:
            run.held = self._places.acquire(run.first, run.since)

    @contextmanager
    def aside(self, what: Hashable) -> Iterator[int]:
        """For work that takes long: one run at a time does such work, and the others pass it meanwhile.

        How many wait to do something else than `what` is told, so that the work can be made shorter; those who wait
        for the same will find it done.
        """
        me = get_ident()
        self._waiting[me] = what
        with self._without_place():
            try:
                with self._long:
                    del self._waiting[me]
                    yield sum(other != what for other in list(self._waiting.values()))
            finally:
                self._waiting.pop(me, None)

    def let_pass(self, patience: float = POLITE) -> None:
        """Between two pieces of work that would go on and on: let those pass who are in line, for so long at most.

        From here on it goes behind whoever has been waiting.
        """
        run, end = self._runs.get(get_ident()), monotonic() + patience
        if run and len(self._runs) > 1:
            with self._without_place():
                while len(self._runs) > 1 and monotonic() < end:
                    sleep(SWITCH)
                run.first, run.since = False, monotonic()

    def let_draw(self) -> None:
        """Let the browser draw what it has been sent before it is sent more; others pass meanwhile.

        For a visitor's first page: a browser makes all widgets that it has before it draws a board, and takes as long
        for them as for the board.
        """
        if not IN_BROWSER:  # there one thread computes and sends: nothing would leave meanwhile
            with self._without_place():
                sleep(DRAWING)

    def make_way(self) -> None:
        """Between two parts of a page: let those pass who go first, unless the page is overdue."""
        run = self._runs.get(get_ident())
        if run and not run.first and self._places.hurried and monotonic() - run.since < OVERDUE:
            with self._without_place():
                pass


@st.cache_resource
def line() -> Line:
    """The line of this server, which answers at once from its first visitor on."""
    if not IN_BROWSER:
        sys.setswitchinterval(SWITCH)
        answer_swiftly()
    return Line()


@contextmanager
def in_line(first: bool = False) -> Iterator[None]:
    """`with in_line():` around a page."""
    with line().place(first):
        yield


def by_itself(run: Callable[..., None]) -> Callable[..., None]:
    """What a fragment runs, without the page around it: first in line, and its mishaps are reported.

    It shall be short, or let others pass.
    """
    return in_line(first=True)(reported()(run))
