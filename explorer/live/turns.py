"""Who may train now. Python computes one thing at a time: two runs at once would each take twice as long, and a third
user's slider would wait for both. So the sessions of a server take turns, in a queue with leases.

A session that trains asks at every slice of work, one that waits about once a second. Who has not asked for LEASE
seconds (a closed tab, another page) is out. While others wait, nobody keeps the first place longer than TURN seconds.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from threading import Lock

import streamlit as st

LEASE = 5.0  # seconds
TURN = 20.0
MOST = 60  # sessions in the queue


@dataclass
class Ticket:
    """A place in the queue: who holds it, when it was last asked for, and since when it is the first."""

    who: str
    asked: float
    first_since: float | None = None


class Turns:
    """The queue. The one object that sessions share; every method is one short step under its lock."""

    def __init__(self) -> None:
        self._tickets: list[Ticket] = []
        self._lock = Lock()

    def ask(self, who: str, now: float) -> int | None:
        """How many are before `who`, 0 for their turn; None if the queue is full. Asking is what keeps the place."""
        with self._lock:
            self._tickets = [ticket for ticket in self._tickets if ticket.who == who or now - ticket.asked <= LEASE]
            mine = next((ticket for ticket in self._tickets if ticket.who == who), None)
            if mine is None:
                if len(self._tickets) >= MOST:
                    return None
                self._tickets.append(mine := Ticket(who, now))
            mine.asked = now
            first = self._tickets[0]
            if first.first_since is None:
                first.first_since = now
            if len(self._tickets) > 1 and now - first.first_since > TURN:
                first.first_since = None
                self._tickets.append(self._tickets.pop(0))
                self._tickets[0].first_since = now
            return self._tickets.index(mine)

    def leave(self, who: str) -> None:
        """Give the place up."""
        with self._lock:
            self._tickets = [ticket for ticket in self._tickets if ticket.who != who]


@st.cache_resource
def turns() -> Turns:
    """The queue of this server."""
    return Turns()


def who() -> str:
    """A name for this session in the queue."""
    return st.session_state.setdefault("lab_who", secrets.token_hex(8))
