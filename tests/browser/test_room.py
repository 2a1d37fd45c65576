"""Class rooms in real browsers: a teacher, three students, and apps that are killed in mid-lesson."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from explorer.lessons.catalogue import LESSONS
from explorer.lessons.questions import Choose
from explorer.rooms.rooms import open_store
from tests.browser.conftest import SCREEN, WAIT, Server

PHONE = {"width": 390, "height": 780}
# A lesson that begins with two questions to choose an answer to, and the names of their options.
LESSON = next(
    lesson for lesson in LESSONS.values() if all(isinstance(screen.question, Choose) for screen in lesson.screens[:2])
)
FIRST, SECOND = (list(screen.question.options) for screen in LESSON.screens[:2])


class Room:
    """People with a page each, and what went wrong on them. Who somebody is stands in the URL: they share a browser."""

    def __init__(self, context):
        self.context, self.pages, self.faults = context, [], []

    def visitor(self, url: str, size=PHONE):
        """Somebody opens a page."""
        page = self.context.new_page()
        page.set_viewport_size(size)
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(url, wait_until="commit")
        self.pages.append(page)
        return page

    def teacher(self, server: Server):
        """Somebody opens a room; the page and the room's code."""
        page = self.visitor(f"{server.url}/room", SCREEN)
        page.get_by_role("combobox").click()
        page.get_by_role("option", name=LESSON.title, exact=True).click()
        page.get_by_role("button", name="Open a room").click()
        page.get_by_role("button", name="Reveal").wait_for()
        return page, page.evaluate("new URLSearchParams(location.search).get('room')")

    def student(self, server: Server, code: str):
        """Somebody joins."""
        page = self.visitor(f"{server.url}/room?room={code}")
        page.get_by_role("button", name="Join").click()
        page.get_by_text("student", exact=False).first.wait_for()
        return page


@pytest.fixture
def room(shared):
    """An empty room; in the end nobody may have seen an error."""
    made = Room(shared)
    yield made
    failed = [text for page in made.pages for text in page.get_by_test_id("stException").all_inner_texts()]
    for page in made.pages:
        page.close()
    assert failed == []
    assert made.faults == []


@pytest.fixture
def serve(browser, tmp_path):
    """serve(name, EXPLORER_STORE=…) → an app of this test's own."""
    servers = []

    def start(name: str, **environment: str) -> Server:
        (tmp_path / name).mkdir()
        servers.append(Server(tmp_path / name, **environment))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def commit(page, option: int) -> None:
    """A student chooses, and waits until the answer is in."""
    page.get_by_role("radio").nth(option).locator("xpath=ancestor::label").click()
    page.get_by_role("button", name="This is my answer").click()
    page.get_by_text("Your answer is in").wait_for()


def answers(store, code: str, place: int) -> dict[int, str]:
    """What the store keeps."""
    return {number: json.loads(kept)["answer"] for number, kept in store.answers(code, place).items()}


def until(page, happened) -> None:
    """Wait for something that no page shows."""
    for _ in range(100):
        if happened():
            return
        page.wait_for_timeout(100)
    pytest.fail("it did not happen within ten seconds")


def test_a_teacher_and_three_students(room, server):
    store = open_store(server.environment["EXPLORER_STORE"])
    teacher, code = room.teacher(server)
    one, two = (room.student(server, code) for _ in range(2))
    commit(one, 0)
    commit(two, 1)
    teacher.get_by_text("2 of 2 have answered").wait_for()
    commit(one, 1)
    until(teacher, lambda: answers(store, code, 0)[1] == FIRST[1])
    teacher.get_by_role("button", name="More").click()
    with teacher.expect_download() as download:
        teacher.get_by_role("button", name="CSV").click()
    teacher.keyboard.press("Escape")
    _, *rows = csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig")))
    assert [row[:2] + row[3:4] for row in rows] == [[number, "1", FIRST[1]] for number in "12"]
    teacher.get_by_role("button", name="Reveal").click()
    for student in (one, two):
        student.get_by_text(LESSON.screens[0].takeaway).wait_for()
    teacher.get_by_role("button", name="Next").click()
    late = room.student(server, code)
    late.get_by_text("student 3 · screen 2 of").wait_for()
    two.get_by_text("screen 2 of").wait_for()
    two.reload()
    two.get_by_text("student 2 · screen 2 of").wait_for()
    teacher.get_by_role("button", name="More").click()
    teacher.get_by_text("Everybody at their own pace").click()
    late.get_by_text("screen 1 of").wait_for()
    one.get_by_role("button", name="Next").wait_for()
    one.get_by_role("radio").first.locator("xpath=ancestor::label").click()
    one.get_by_role("button", name="This is my answer").click()
    one.get_by_text(LESSON.screens[1].takeaway).wait_for()
    assert two.get_by_text(LESSON.screens[1].takeaway).count() == 0


def test_an_app_killed_in_mid_lesson_loses_no_answer(room, serve):
    """SQLite: the same file, a new process; open pages come back by themselves."""
    server = serve("app")
    teacher, code = room.teacher(server)
    student = room.student(server, code)
    commit(student, 1)
    server.stop(kill=True)
    server.start()
    student.get_by_text("Your answer is in").wait_for()
    late = room.student(server, code)
    commit(late, 0)
    teacher.get_by_text("2 of 2 have answered").wait_for()
    teacher.get_by_role("button", name="Next").click()
    for page in (student, late):
        page.get_by_text("screen 2 of").wait_for()
    commit(student, 0)
    teacher.get_by_text("1 of 2 have answered").wait_for()
    store = open_store(server.environment["EXPLORER_STORE"])
    assert answers(store, code, 0) == {1: FIRST[1], 2: FIRST[0]}
    assert answers(store, code, 1) == {1: SECOND[0]}


def test_two_apps_share_redis_and_one_of_them_is_killed(room, serve, redis_url):
    one, other = (serve(name, EXPLORER_STORE=redis_url) for name in ("one", "other"))
    teacher, code = room.teacher(one)
    students = [room.student(other, code), room.student(other, code), room.student(one, code)]
    for option, student in zip((0, 1, 0), students, strict=True):
        commit(student, option)
    teacher.get_by_text("3 of 3 have answered").wait_for()
    other.stop(kill=True)
    teacher.get_by_role("button", name="Next").click()
    students[2].get_by_text("screen 2 of").wait_for()
    other.start()
    for option, student in zip((0, 1, 0), students, strict=True):
        student.get_by_text("screen 2 of").wait_for()
        commit(student, option)
    teacher.get_by_text("3 of 3 have answered").wait_for()
    store = open_store(redis_url)
    assert answers(store, code, 0) == {1: FIRST[0], 2: FIRST[1], 3: FIRST[0]}
    assert answers(store, code, 1) == {1: SECOND[0], 2: SECOND[1], 3: SECOND[0]}
