"""Rooms in one SQLite file. Several threads and processes of one machine may use it at the same time.

An answer is on the disk before the student reads that it is in: a process that is killed loses nothing.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from explorer.rooms.store import SCREENS, STUDENTS, Pulse, Room, StoreError

BUSY = 5.0  # s that a call waits for another process's write before it gives up
LARGEST = 512 * 2**20  # bytes that the file may grow to
TABLES = """
CREATE TABLE IF NOT EXISTS rooms (
    code TEXT PRIMARY KEY, lesson TEXT NOT NULL, lock TEXT NOT NULL, ends REAL NOT NULL,
    position INTEGER NOT NULL, own_pace INTEGER NOT NULL, shown INTEGER NOT NULL,
    steered INTEGER NOT NULL DEFAULT 0, arrived INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS students (
    code TEXT REFERENCES rooms ON DELETE CASCADE, student TEXT, number INTEGER NOT NULL,
    PRIMARY KEY (code, student)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    code TEXT REFERENCES rooms ON DELETE CASCADE, screen INTEGER, number INTEGER, value TEXT NOT NULL,
    PRIMARY KEY (code, screen, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL, ends REAL NOT NULL) WITHOUT ROWID;
"""


class SqliteStore:
    """One connection, used by one thread at a time."""

    def __init__(self, path: str | Path):
        self.turn = threading.Lock()
        with speaking():
            self.db = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode = WAL", "foreign_keys = ON"):
                self.db.execute(f"PRAGMA {pragma}")
            (page_size,) = self.db.execute("PRAGMA page_size").fetchone()
            self.db.execute(f"PRAGMA max_page_count = {LARGEST // page_size}")
            self.db.executescript(TABLES)

    def read(self, query: str, *values: Any) -> list[tuple]:
        """The rows of a SELECT."""
        with self.turn, speaking():
            return self.db.execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that has the file's write lock from its first line."""
        with self.turn, speaking():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:  # a full disk ends the transaction by itself
                    self.db.execute("ROLLBACK")
                raise

    def add(self, room: Room) -> bool:
        """Open a room; False where its code is taken. What has run out is swept first."""
        with self.writing() as db:
            for table in ("rooms", "counters"):
                db.execute(f"DELETE FROM {table} WHERE ends <= ?", [time.time()])
            row = (room.code, room.lesson, room.lock, room.ends, room.position, room.own_pace, room.shown)
            added = db.execute(f"INSERT OR IGNORE INTO rooms VALUES ({'?, ' * len(row)} 0, 0)", row)
            return added.rowcount == 1

    def rooms(self) -> int:
        """How many rooms are open."""
        ((open_now,),) = self.read("SELECT COUNT(*) FROM rooms WHERE ends > ?", time.time())
        return open_now

    def room(self, code: str) -> Room | None:
        """The room with this code."""
        fields = "code, lesson, lock, ends, position, own_pace, shown"
        for *values, own_pace, shown in self.read(
            f"SELECT {fields} FROM rooms WHERE code = ? AND ends > ?", code, time.time()
        ):
            return Room(*values, bool(own_pace), bool(shown))
        return None

    def pulse(self, code: str) -> Pulse | None:
        """What polling reads."""
        for row in self.read("SELECT steered, arrived FROM rooms WHERE code = ? AND ends > ?", code, time.time()):
            return Pulse(*row)
        return None

    def steer(self, code: str, position: int, own_pace: bool, shown: bool) -> None:
        """Move the class."""
        with self.writing() as db:
            db.execute(
                "UPDATE rooms SET position = ?, own_pace = ?, shown = ?, steered = steered + 1 WHERE code = ?",
                (position, own_pace, shown, code),
            )

    def join(self, code: str, student: str) -> int:
        """The student's number: a new one, or the one that this student has; 0 where the room is full."""
        with self.writing() as db:
            number = self._number(code, student)
            if number or not self._is_open(code):
                return number
            ((others,),) = db.execute("SELECT COUNT(*) FROM students WHERE code = ?", [code])
            if others >= STUDENTS:
                return 0
            db.execute("INSERT INTO students VALUES (?, ?, ?)", (code, student, others + 1))
            self._arrived(code)
            return others + 1

    def number(self, code: str, student: str) -> int:
        """The student's number; 0 for a stranger."""
        with self.turn, speaking():
            return self._number(code, student)

    def students(self, code: str) -> int:
        """How many have joined."""
        query = "SELECT COUNT(*) FROM students JOIN rooms USING (code) WHERE code = ? AND ends > ?"
        return self.read(query, code, time.time())[0][0]

    def answer(self, code: str, student: str, screen: int, value: str) -> bool:
        """Put an answer down in place of the student's last one; False for a stranger."""
        with self.writing() as db:
            number = self._number(code, student)
            if number:
                db.execute("REPLACE INTO answers VALUES (?, ?, ?, ?)", (code, screen, number, value))
                self._arrived(code)
            return number > 0

    def answers(self, code: str, screen: int) -> dict[int, str]:
        """All answers to a screen, by the students' numbers."""
        query = "SELECT number, value FROM answers JOIN rooms USING (code) WHERE code = ? AND screen = ? AND ends > ?"
        return dict(self.read(query, code, screen, time.time()))

    def mine(self, code: str, student: str) -> dict[int, str]:
        """A student's answers, by screen."""
        number = self.number(code, student)
        query = "SELECT screen, value FROM answers WHERE code = ? AND screen < ? AND number = ?"
        return dict(self.read(query, code, SCREENS, number))

    def end(self, code: str) -> None:
        """Forget the room and everything in it."""
        with self.writing() as db:
            db.execute("DELETE FROM rooms WHERE code = ?", [code])

    def count(self, name: str, seconds: int) -> int:
        """Add one to a counter that starts anew when it is `seconds` old; its value."""
        now = time.time()
        with self.writing() as db:
            db.execute("DELETE FROM counters WHERE name = ? AND ends <= ?", (name, now))
            db.execute(
                "INSERT INTO counters VALUES (?, 1, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1",
                (name, now + seconds),
            )
            return db.execute("SELECT value FROM counters WHERE name = ?", [name]).fetchone()[0]

    def counted(self, name: str) -> int:
        """The value of such a counter."""
        rows = self.read("SELECT value FROM counters WHERE name = ? AND ends > ?", name, time.time())
        return rows[0][0] if rows else 0

    def _is_open(self, code: str) -> bool:
        query = "SELECT 1 FROM rooms WHERE code = ? AND ends > ?"
        return self.db.execute(query, (code, time.time())).fetchone() is not None

    def _number(self, code: str, student: str) -> int:
        query = "SELECT number FROM students JOIN rooms USING (code) WHERE code = ? AND student = ? AND ends > ?"
        found = self.db.execute(query, (code, student, time.time())).fetchone()
        return found[0] if found else 0

    def _arrived(self, code: str) -> None:
        self.db.execute("UPDATE rooms SET arrived = arrived + 1 WHERE code = ?", [code])


@contextmanager
def speaking() -> Iterator[None]:
    """SQLite's errors as a sentence for the page."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"Class rooms do not work at the moment: their file says “{error}”. All other pages go on."
        ) from error
