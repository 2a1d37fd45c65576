"""What both stores do, alone and with many at the same time."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.rooms import redis as redis_store
from explorer.rooms import sqlite as sqlite_store
from explorer.rooms.rooms import open_store
from explorer.rooms.store import Pulse, Room, StoreError

ROOT = Path(__file__).parents[2]
LIFE = 100_000  # seconds, more than the slowest machine takes for all tests
ROOM = Room("ABC234", "vanishing", "hash of a secret", float(int(time.time()) + LIFE))


def test_a_room_comes_back_as_it_went_in(store):
    assert store.room("ABC234") is None
    assert store.add(ROOM)
    assert store.room("ABC234") == ROOM
    assert store.rooms() == 1
    assert not store.add(replace(ROOM, lesson="another"))
    assert store.room("ABC234") == ROOM


def test_steering(store):
    store.add(ROOM)
    store.steer("ABC234", 3, True, True)
    assert store.room("ABC234") == replace(ROOM, position=3, own_pace=True, shown=True)
    assert store.pulse("ABC234") == Pulse(1, 0)
    store.steer("NOROOM", 3, True, True)
    assert store.room("NOROOM") is None
    assert store.pulse("NOROOM") is None


def test_students_have_numbers_in_the_order_they_come(store):
    store.add(ROOM)
    assert [store.join("ABC234", name) for name in "abacb"] == [1, 2, 1, 3, 2]
    assert [store.number("ABC234", name) for name in "abcd"] == [1, 2, 3, 0]
    assert store.students("ABC234") == 3
    assert store.join("NOROOM", "a") == store.number("NOROOM", "a") == store.students("NOROOM") == 0
    assert store.pulse("ABC234") == Pulse(0, 3)


def test_a_room_is_full_at_some_point(store, monkeypatch):
    monkeypatch.setattr(sqlite_store, "STUDENTS", 2)
    monkeypatch.setattr(redis_store, "STUDENTS", 2)
    store.add(ROOM)
    assert [store.join("ABC234", name) for name in "abca"] == [1, 2, 0, 1]


def test_a_second_answer_replaces_the_first(store):
    store.add(ROOM)
    store.join("ABC234", "a")
    store.join("ABC234", "b")
    assert store.answer("ABC234", "a", 0, "1")
    assert store.answer("ABC234", "b", 0, "it's “quoted”; ␀ \n")
    assert store.answer("ABC234", "a", 0, "2")
    assert store.answer("ABC234", "a", 5, "3")
    assert store.answers("ABC234", 0) == {1: "2", 2: "it's “quoted”; ␀ \n"}
    assert store.answers("ABC234", 1) == {}
    assert store.mine("ABC234", "a") == {0: "2", 5: "3"}
    assert store.pulse("ABC234") == Pulse(0, 6)


def test_strangers_cannot_answer(store):
    store.add(ROOM)
    assert not store.answer("ABC234", "stranger", 0, "1")
    assert not store.answer("NOROOM", "stranger", 0, "1")
    assert store.answers("ABC234", 0) == {}
    assert store.mine("ABC234", "stranger") == {}


def test_rooms_do_not_see_each_other(store):
    store.add(ROOM)
    store.add(replace(ROOM, code="OTHER2"))
    for code, value in (("ABC234", "1"), ("OTHER2", "2")):
        assert store.join(code, "a") == 1
        store.answer(code, "a", 0, value)
    store.end("OTHER2")
    assert store.answers("ABC234", 0) == {1: "1"}
    assert store.mine("ABC234", "a") == {0: "1"}


@pytest.mark.parametrize("how", ["ended", "ran out"])
def test_nothing_is_left_of_a_room_that_has_ended(store, how):
    store.add(ROOM if how == "ended" else replace(ROOM, ends=float(int(time.time()) + 2)))
    store.join("ABC234", "a")
    assert store.answer("ABC234", "a", 0, "1")
    if how == "ended":
        store.end("ABC234")
    else:
        time.sleep(2.05)
    assert store.rooms() == 0
    assert store.room("ABC234") is None
    assert store.pulse("ABC234") is None
    assert store.students("ABC234") == 0
    assert not store.answer("ABC234", "a", 0, "2")
    assert store.join("ABC234", "b") == 0
    assert store.answers("ABC234", 0) == {}
    assert store.add(ROOM)  # its code is free again, for a room that is empty
    assert store.join("ABC234", "c") == 1
    assert store.answers("ABC234", 0) == {}


def test_redis_keeps_no_key_for_ever(redis_url):
    import redis

    client = redis.Redis.from_url(redis_url)
    client.flushall()
    store = open_store(redis_url)
    store.add(ROOM)
    store.steer("ABC234", 1, False, False)
    store.join("ABC234", "a")
    store.answer("ABC234", "a", 0, "1")
    store.count("wrong", 10)
    keys = set(client.keys()) - {redis_store.OPEN.encode()}
    assert len(keys) == 4
    assert all(0 < client.ttl(key) <= LIFE for key in keys)
    store.end("ABC234")
    assert client.keys() == [b"explorer:counter:wrong"]


def test_counters_start_anew(store):
    assert store.counted("wrong") == 0
    assert [store.count("wrong", 1) for _ in range(3)] == [1, 2, 3]
    assert store.count("other", 1) == 1
    assert store.counted("wrong") == 3
    time.sleep(1.1)
    assert store.counted("wrong") == 0
    assert store.count("wrong", 1) == 1


# ----------------------------------------------------------------------------------------------- at the same time

STUDENT = """
import sys, threading
from explorer.rooms.rooms import open_store
store, first = open_store(sys.argv[1]), int(sys.argv[2])
def student(name):
    assert store.join("ABC234", name)
    assert store.answer("ABC234", name, 0, "too early")
    assert store.answer("ABC234", name, 0, f'"{name}"')
threads = [threading.Thread(target=student, args=(f"student {first + i}",)) for i in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_a_class_of_200_in_four_processes_loses_nothing(store, address):
    """800 writes, all at once; the teacher moves on meanwhile."""
    store.add(ROOM)
    started = time.monotonic()
    command = [sys.executable, "-c", STUDENT, address]
    crowd = [subprocess.Popen([*command, str(50 * i)], cwd=ROOT, stderr=subprocess.PIPE) for i in range(4)]
    moves = 0
    while any(process.poll() is None for process in crowd):
        store.steer("ABC234", moves % 5, False, False)
        moves += 1
        time.sleep(0.02)
    complaints = b"".join(process.communicate()[1] for process in crowd)
    assert complaints == b""
    assert time.monotonic() - started < 20
    everybody = {f"student {i}" for i in range(200)}
    assert {store.number("ABC234", name) for name in everybody} == set(range(1, 201))
    answers = store.answers("ABC234", 0)
    assert answers == {store.number("ABC234", name): f'"{name}"' for name in everybody}
    assert store.pulse("ABC234") == Pulse(moves, 600)


def test_many_threads_at_one_store(store):
    """As in one app: every session has its own thread, all use one store."""
    store.add(ROOM)
    students = [str(i) for i in range(60)]
    threads = [
        threading.Thread(target=lambda s=s: store.join("ABC234", s) and store.answer("ABC234", s, 1, s))
        for s in students
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(store.answers("ABC234", 1).values()) == sorted(students)


KILLED = """
import os, signal, sys
from explorer.rooms.rooms import open_store
store = open_store(sys.argv[1])
store.join("ABC234", "a")
for i in range(1000):
    store.answer("ABC234", "a", 0, str(i))
    print(i, flush=True)
    if i == 20: os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(__import__("signal"), "SIGKILL"), reason="this system cannot kill like that")
def test_what_a_killed_process_has_confirmed_is_there(store, address):
    store.add(ROOM)
    done = subprocess.run([sys.executable, "-c", KILLED, address], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split()[-1] == "20"
    assert open_store(address).answers("ABC234", 0) == {1: "20"}


# ------------------------------------------------------------------------------------------------ what may go wrong


def test_a_full_disk_is_said_and_what_was_kept_stays(tmp_path):
    store = open_store(str(tmp_path / "rooms.sqlite3"))
    store.add(ROOM)
    store.join("ABC234", "a")
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="full"):
        [store.answer("ABC234", "a", screen, "x" * 4_000) for screen in range(30)]
    kept = store.mine("ABC234", "a")
    assert store.pulse("ABC234") == Pulse(0, 1 + len(kept))
    store.db.execute("PRAGMA max_page_count = 100000")
    assert store.answer("ABC234", "a", 31, "again")


def test_files_that_cannot_be_used_are_said(tmp_path):
    with pytest.raises(StoreError, match="unable to open"):
        open_store(str(tmp_path))
    (tmp_path / "text").write_text("not a database, but long enough to be looked at " * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(str(tmp_path / "text"))


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://user:password@127.0.0.1:1", "redis://h:x"])
def test_a_redis_that_does_not_answer_is_said_without_its_password(url):
    with pytest.raises(StoreError) as said:
        open_store(url)
    assert "Redis does not answer" in str(said.value)
    assert "password" not in str(said.value)


def test_an_unwritable_file_is_said(tmp_path):
    store = open_store(str(tmp_path / "rooms.sqlite3"))
    store.db.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="readonly"):
        store.add(ROOM)


def test_the_redis_package_is_needed_only_where_redis_is(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "explorer.rooms.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    open_store(str(tmp_path / "rooms.sqlite3"))
    with pytest.raises(StoreError, match="not installed"):
        open_store("redis://127.0.0.1:1")
