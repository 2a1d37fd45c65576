"""The rules of class rooms: codes, the teacher's secret, who may do what and how often."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sys
import time
from typing import Any

from explorer.rooms.store import ANSWER, ROOMS, SCREENS, STUDENTS, Pulse, Room, RoomError, Store, StoreError

DAY = 24 * 60 * 60  # s after which a room ends by itself
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O, 1 I L, U V: read aloud, typed from a projector
LENGTH = 6

# Against guessing. Only wrong codes count; who has joined, and the teacher, are never asked for one again.
WINDOW = 600  # s
WRONG_EACH = 100  # from one address: a class behind one router, all of them mistyping once
WRONG_ALL = 1_000  # from everybody: 144,000 a day among 30⁶ ≈ 7·10⁸ codes
OPENED_EACH = 30  # rooms from one address


class Rooms:
    """All rooms of a store. `client` is an address, or whatever else tells visitors apart."""

    def __init__(self, store: Store, lasts: float = DAY):
        self.store, self.lasts = store, lasts

    # -------------------------------------------------------------------------------------------------- the teacher

    def open(self, lesson: str, client: str) -> tuple[Room, str]:
        """A new room and the teacher's secret, of which only a hash is kept."""
        if self.store.rooms() >= ROOMS:
            raise RoomError(f"{ROOMS} rooms are open, more there cannot be. Rooms end after a day; try again later.")
        if self.store.count(f"opened {digest(client)}", WINDOW) > OPENED_EACH:
            raise RoomError("You have opened many rooms in a few minutes. Use one of them, or wait ten minutes.")
        secret = secrets.token_urlsafe(24)
        while True:
            code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            room = Room(code, lesson, digest(secret), time.time() + self.lasts)
            if self.store.add(room):
                return room, secret

    def is_teacher(self, room: Room, secret: str) -> bool:
        """Whether this is the room's secret; how long the answer takes does not tell how nearly."""
        return hmac.compare_digest(digest(secret), room.lock)

    def steer(self, room: Room, secret: str, position: int, own_pace: bool = False, shown: bool = False) -> None:
        """Show a screen to the class, or let it go on by itself; show what the answer was."""
        self._check_teacher(room, secret)
        self.store.steer(room.code, screen_number(position), own_pace, shown)

    def end(self, room: Room, secret: str) -> None:
        """Close the room and forget its answers."""
        self._check_teacher(room, secret)
        self.store.end(room.code)

    def _check_teacher(self, room: Room, secret: str) -> None:
        if not self.is_teacher(room, secret):
            raise RoomError("Only the teacher's link can do that.")

    # ------------------------------------------------------------------------------------------------- the students

    def join(self, code: str, client: str) -> str:
        """A new student's token."""
        counters = {"wrong": WRONG_ALL, f"wrong {digest(client)}": WRONG_EACH}
        if any(self.store.counted(name) >= limit for name, limit in counters.items()):
            raise RoomError("Too many wrong codes have been tried. Wait ten minutes, then try again.")
        code, student = tidy(code), secrets.token_urlsafe(16)
        if len(code) != LENGTH:  # no guess at a room
            raise RoomError(f"A code is {LENGTH} letters and digits, like ABC 234. Type the one on the board.")
        if self.store.join(code, student):
            return student
        if self.store.pulse(code):
            raise RoomError(f"This room is full: it holds {STUDENTS} students.")
        for name in counters:
            self.store.count(name, WINDOW)
        raise RoomError("There is no room with this code. Compare it with the board; a room ends after a day.")

    def answer(self, code: str, student: str, screen: int, value: Any) -> None:
        """Put an answer down, in place of this student's last one to the screen."""
        text = json.dumps(value, allow_nan=False)
        if len(text) > ANSWER:
            raise RoomError(f"The answer is too long: {len(text):,} characters, {ANSWER:,} can be kept. Shorten it.")
        if not self.store.answer(code, student, screen_number(screen), text):
            raise RoomError("This room has ended; the answer was not kept.")

    # ----------------------------------------------------------------------------------------------------- everybody

    def room(self, code: str) -> Room | None:
        """The room, if there is one. For those who have shown a token or a secret."""
        return self.store.room(tidy(code))

    def number(self, code: str, student: str) -> int:
        """The student's number in the room; 0 for a stranger."""
        return self.store.number(tidy(code), student) if student.isascii() else 0

    def pulse(self, code: str) -> Pulse | None:
        """What has changed since the last look?"""
        return self.store.pulse(tidy(code))

    def students(self, code: str) -> int:
        """How many have joined."""
        return self.store.students(code)

    def answers(self, code: str, screen: int) -> dict[int, Any]:
        """All answers to a screen, by the students' numbers."""
        return {number: json.loads(value) for number, value in self.store.answers(code, screen).items()}

    def mine(self, code: str, student: str) -> dict[int, Any]:
        """A student's answers, by screen."""
        return {screen: json.loads(value) for screen, value in self.store.mine(code, student).items()}


def digest(text: str) -> str:
    """What is kept of a secret or an address."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def tidy(code: str) -> str:
    """A code as it was meant: capitals, without spaces and hyphens."""
    return "".join(c for c in code[:100].upper() if c in ALPHABET)[: LENGTH + 1]


def screen_number(screen: int) -> int:
    """A screen's index, checked."""
    if not 0 <= screen < SCREENS:
        raise RoomError(f"Screen {screen}: a lesson's screens are 0 to {SCREENS - 1}.")
    return screen


def open_store(address: str) -> Store:
    """The store at an address: redis://…, rediss://…, or the path of a file."""
    if sys.platform == "emscripten":
        raise StoreError("Class rooms need the app on a server: in this edition it runs in your own browser alone.")
    if address.startswith(("redis://", "rediss://")):
        try:
            from explorer.rooms.redis import RedisStore
        except ImportError as error:
            raise StoreError("EXPLORER_STORE names a Redis server, but the package redis is not installed.") from error
        return RedisStore(address)
    from explorer.rooms.sqlite import SqliteStore

    return SqliteStore(address)
