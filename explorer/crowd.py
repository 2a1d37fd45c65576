"""What keeps a server prompt while a class uses it.

Streamlit gives every run of a page a thread of its own, and Python lets one thread compute at a time, a few
milliseconds each. Of a hundred runs at once all would be ready at the end only, and the thread that sends answers
would have to wait for its share like any other. So runs stand in line: what a page needs is short, and the first
answers leave while the last are waiting. What a slider moves runs without its page, and goes before whole pages.
"""

from __future__ import annotations

import sys
from bisect import insort
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event, Lock, get_ident
from time import monotonic, sleep

import streamlit as st

from explorer.answers import answer_swiftly
from explorer.browser import IN_BROWSER
from explorer.mishaps import reported

AT_ONCE = 2  # one may wait for the disk or the network while the other computes
PATIENCE = 1.0  # seconds; who has waited that long for somebody's long run goes ahead
POLITE = 0.1  # seconds for which who works on and on lets others pass each time
SWITCH = 0.001  # seconds between two threads, Python's own value being 0.005: the one that sends must not wait for long


class Places:
    """So many places; a free one goes to who has waited longest, of those who go first if there are any."""

    def __init__(self, number: int):
        self._free, self._lock = number, Lock()
        self._queue: list[tuple[bool, int, Event]] = []
        self._numbers = count()

    def acquire(self, first: bool, timeout: float) -> bool:
        """Wait for a place for so many seconds; whether there is one."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            ticket = (not first, next(self._numbers), Event())
            insort(self._queue, ticket)
        if ticket[-1].wait(timeout):
            return True
        with self._lock:
            if ticket[-1].is_set():  # in this very moment
                return True
            self._queue.remove(ticket)
            return False

    def release(self) -> None:
        """Hand the place on."""
        with self._lock:
            if self._queue:
                self._queue.pop(0)[-1].set()
            else:
                self._free += 1


class Line:
    """Runs in line. The object that sessions share; a run inside a run (a fragment of a page) does not wait again."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE):
        self._places, self._long = Places(at_once), Lock()
        self._patience = patience
        self._runs: set[int] = set()  # the threads of all runs, those that still wait included
        self._inside: dict[int, bool] = {}  # the threads of runs that go on, and whether each holds a place
        self._waiting: dict[int, Hashable] = {}  # the threads of runs that wait to do long work, and which

    @contextmanager
    def place(self, first: bool = False) -> Iterator[None]:
        """Wait for a place, `first` before all who are not, and hold it for the block."""
        me = get_ident()
        if me in self._runs:
            yield
            return
        self._runs.add(me)
        try:
            self._inside[me] = self._places.acquire(first, self._patience)
            yield
        finally:
            self._runs.discard(me)
            if self._inside.pop(me, False):
                self._places.release()

    @contextmanager
    def _without_place(self, first: bool) -> Iterator[None]:
        """Give the place up for the block, and wait for one again after it."""
        me = get_ident()
        if self._inside.get(me):
            self._inside[me] = False
            self._places.release()
        try:
            yield
        finally:
            if me in self._inside:
                self._inside[me] = self._places.acquire(first, self._patience)

    @contextmanager
    def aside(self, what: Hashable) -> Iterator[int]:
        """For work that takes long: one run at a time does such work, and the others pass it meanwhile.

        How many wait to do something else than `what` is told, so that the work can be made shorter; those who wait
        for the same will find it done.
        """
        me = get_ident()
        self._waiting[me] = what
        with self._without_place(first=True):
            try:
                with self._long:
                    del self._waiting[me]
                    yield sum(other != what for other in list(self._waiting.values()))
            finally:
                self._waiting.pop(me, None)

    def let_pass(self, patience: float = POLITE) -> None:
        """Between two pieces of work that would go on and on: let those pass who are in line, for so long at most."""
        end = monotonic() + patience
        if len(self._runs) > 1:
            with self._without_place(first=False):
                while len(self._runs) > 1 and monotonic() < end:
                    sleep(SWITCH)


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
