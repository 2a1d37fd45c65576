"""What a room is, and the few things that a store of rooms does. `sqlite.py` and `redis.py` do them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

ROOMS = 500  # at a time
STUDENTS = 1_000  # in a room
SCREENS = 32  # in a lesson
ANSWER = 4_096  # characters of one answer, as JSON


class RoomError(Exception):
    """Something that cannot be done, in a sentence for the page."""


class StoreError(RoomError):
    """The store itself does not work: no page but the room's may suffer from it."""


@dataclass(frozen=True)
class Room:
    """A room as its pages see it.

    `lock` is the SHA-256 of the teacher's secret, `ends` a Unix time in seconds. `position` is the screen that the
    teacher shows, `own_pace` lets students go on by themselves, `shown` says that the teacher has revealed the answer.
    """

    code: str
    lesson: str
    lock: str
    ends: float
    position: int = 0
    own_pace: bool = False
    shown: bool = False


@dataclass(frozen=True)
class Pulse:
    """Two counters: how often the teacher has steered, and how much has come from students. All that polling reads."""

    steered: int
    arrived: int


class Store(Protocol):
    """A room that has ended, or never was, is None, {} or 0; nothing is raised but StoreError.

    Every method is one transaction: it happens wholly or not at all, whatever others do at the same time.
    """

    def add(self, room: Room) -> bool:
        """Open a room; False where its code is taken."""

    def rooms(self) -> int:
        """How many rooms are open."""

    def room(self, code: str) -> Room | None:
        """The room with this code."""

    def pulse(self, code: str) -> Pulse | None:
        """What polling reads."""

    def steer(self, code: str, position: int, own_pace: bool, shown: bool) -> None:
        """Move the class."""

    def join(self, code: str, student: str) -> int:
        """The student's number, 1…STUDENTS: a new one, or the one that this student has; 0 where the room is full."""

    def number(self, code: str, student: str) -> int:
        """The student's number; 0 for a stranger."""

    def students(self, code: str) -> int:
        """How many have joined."""

    def answer(self, code: str, student: str, screen: int, value: str) -> bool:
        """Put an answer down in place of the student's last one; False for a stranger."""

    def answers(self, code: str, screen: int) -> dict[int, str]:
        """All answers to a screen, by the students' numbers."""

    def mine(self, code: str, student: str) -> dict[int, str]:
        """A student's answers, by screen."""

    def end(self, code: str) -> None:
        """Forget the room and everything in it."""

    def count(self, name: str, seconds: int) -> int:
        """Add one to a counter that starts anew when it is `seconds` old; its value."""

    def counted(self, name: str) -> int:
        """The value of such a counter."""
