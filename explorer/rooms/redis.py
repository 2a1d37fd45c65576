"""Rooms in Redis, for several app processes, on several machines if need be.

Every key of a room runs out with the room. Where several keys must change together or not at all, Redis runs a few
lines of Lua, during which nobody else is served.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from explorer.rooms.store import SCREENS, STUDENTS, Pulse, Room, StoreError

PATIENCE = 3.0  # s that a call waits for Redis
OPEN = "explorer:rooms"  # every open room's code, scored by its end

ADD = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIREAT', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
"""
STEER = """
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HSET', KEYS[1], unpack(ARGV))
redis.call('HINCRBY', KEYS[1], 'steered', 1)
"""
JOIN = """
local number = redis.call('HGET', KEYS[2], ARGV[1])
if number then return tonumber(number) end
local ends, others = redis.call('HGET', KEYS[1], 'ends'), redis.call('HLEN', KEYS[2])
if not ends or others >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], others + 1)
redis.call('EXPIREAT', KEYS[2], ends)
redis.call('HINCRBY', KEYS[1], 'arrived', 1)
return others + 1
"""
ANSWER = """
local number, ends = redis.call('HGET', KEYS[2], ARGV[1]), redis.call('HGET', KEYS[1], 'ends')
if not number or not ends then return 0 end
redis.call('HSET', KEYS[3], number, ARGV[2])
redis.call('EXPIREAT', KEYS[3], ends)
redis.call('HINCRBY', KEYS[1], 'arrived', 1)
return 1
"""


class RedisStore:
    """A room is a hash, its students are a hash token → number, each screen's answers a hash number → answer."""

    def __init__(self, url: str):
        with speaking():
            self.redis = redis.Redis.from_url(
                url, decode_responses=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
            )
            self.redis.ping()
        self.run_add, self.run_steer, self.run_join, self.run_answer = (
            self.redis.register_script(script) for script in (ADD, STEER, JOIN, ANSWER)
        )

    def add(self, room: Room) -> bool:
        """Open a room; False where its code is taken."""
        ends = int(room.ends)
        fields = {"lesson": room.lesson, "lock": room.lock, "ends": ends, "steered": 0, "arrived": 0}
        fields |= state(room.position, room.own_pace, room.shown)
        with speaking():
            return self.run_add([key(room.code), OPEN], [room.code, ends, *flat(fields)]) == 1

    def rooms(self) -> int:
        """How many rooms are open."""
        with speaking():
            self.redis.zremrangebyscore(OPEN, "-inf", time.time())
            return self.redis.zcard(OPEN)

    def room(self, code: str) -> Room | None:
        """The room with this code."""
        with speaking():
            found = self.redis.hgetall(key(code))
        if not found:
            return None
        own_pace, shown = found["own_pace"] == "1", found["shown"] == "1"
        return Room(code, found["lesson"], found["lock"], float(found["ends"]), int(found["position"]), own_pace, shown)

    def pulse(self, code: str) -> Pulse | None:
        """What polling reads."""
        with speaking():
            steered, arrived = self.redis.hmget(key(code), "steered", "arrived")
        return None if steered is None else Pulse(int(steered), int(arrived))

    def steer(self, code: str, position: int, own_pace: bool, shown: bool) -> None:
        """Move the class."""
        with speaking():
            self.run_steer([key(code)], flat(state(position, own_pace, shown)))

    def join(self, code: str, student: str) -> int:
        """The student's number: a new one, or the one that this student has; 0 where the room is full."""
        with speaking():
            return self.run_join([key(code), key(code, "students")], [student, STUDENTS])

    def number(self, code: str, student: str) -> int:
        """The student's number; 0 for a stranger."""
        with speaking():
            return int(self.redis.hget(key(code, "students"), student) or 0)

    def students(self, code: str) -> int:
        """How many have joined."""
        with speaking():
            return self.redis.hlen(key(code, "students"))

    def answer(self, code: str, student: str, screen: int, value: str) -> bool:
        """Put an answer down in place of the student's last one; False for a stranger."""
        keys = [key(code), key(code, "students"), key(code, screen)]
        with speaking():
            return self.run_answer(keys, [student, value]) == 1

    def answers(self, code: str, screen: int) -> dict[int, str]:
        """All answers to a screen, by the students' numbers."""
        with speaking():
            found = self.redis.hgetall(key(code, screen))
        return {number: found[str(number)] for number in sorted(map(int, found))}

    def mine(self, code: str, student: str) -> dict[int, str]:
        """A student's answers, by screen."""
        number = self.number(code, student)
        with speaking(), self.redis.pipeline(transaction=False) as asked:
            for screen in range(SCREENS):
                asked.hget(key(code, screen), number)
            return {screen: value for screen, value in enumerate(asked.execute()) if value is not None}

    def end(self, code: str) -> None:
        """Forget the room and everything in it."""
        with speaking(), self.redis.pipeline() as together:
            together.delete(key(code), key(code, "students"), *(key(code, screen) for screen in range(SCREENS)))
            together.zrem(OPEN, code)
            together.execute()

    def count(self, name: str, seconds: int) -> int:
        """Add one to a counter that starts anew when it is `seconds` old; its value."""
        with speaking(), self.redis.pipeline() as together:
            together.set(f"explorer:counter:{name}", 0, ex=seconds, nx=True)
            together.incr(f"explorer:counter:{name}")
            return together.execute()[1]

    def counted(self, name: str) -> int:
        """The value of such a counter."""
        with speaking():
            return int(self.redis.get(f"explorer:counter:{name}") or 0)


def key(code: str, part: str | int = "state") -> str:
    """The key of a part of a room: its state, its students, or the answers to a screen."""
    return f"explorer:room:{code}:{part}"


def state(position: int, own_pace: bool, shown: bool) -> dict[str, int]:
    """What the teacher steers, as Redis keeps it."""
    return {"position": position, "own_pace": int(own_pace), "shown": int(shown)}


def flat(fields: dict[str, str | int]) -> list[str | int]:
    """Names and values in turn, as HSET takes them."""
    return [part for pair in fields.items() for part in pair]


@contextmanager
def speaking() -> Iterator[None]:
    """Redis's errors as a sentence for the page; it names no host and no password."""
    try:
        yield
    except (redis.RedisError, ValueError) as error:
        raise StoreError(
            f"Class rooms do not work at the moment: Redis does not answer ({type(error).__name__}). "
            "All other pages go on."
        ) from error
