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
from tests.browser.board import SCREEN, WAIT
from tests.browser.proxy import Proxy
from tests.browser.serving import Server

PHONE = {"width": 390, "height": 780}
# A lesson that begins with two questions to choose an answer to, and the names of their options.
LESSON = next(
    lesson for lesson in LESSONS.values() if all(isinstance(screen.question, Choose) for screen in lesson.screens[:2])
)
FIRST, SECOND = (list(screen.question.options) for screen in LESSON.screens[:2])


class Room:
    """People with a page each, and what went wrong on them. context() → where the next one's page is opened."""

    def __init__(self, context):
        self.context, self.pages, self.faults = context, [], []

    def visitor(self, url: str, size=PHONE):
        """Somebody opens a page."""
        page = self.context().new_page()
        page.set_viewport_size(size)
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(url, wait_until="commit")
        self.pages.append(page)
        return page

    def teacher(self, server):
        """Somebody opens a room; the page and the room's code."""
        page = self.visitor(f"{server.url}/room", SCREEN)
        page.get_by_role("combobox").click()
        page.get_by_role("option", name=LESSON.title, exact=True).click()
        page.get_by_role("button", name="Open a room").click()
        page.get_by_role("button", name="Reveal").wait_for()
        return page, page.evaluate("new URLSearchParams(location.search).get('room')")

    def student(self, server, code: str):
        """Somebody joins."""
        page = self.visitor(f"{server.url}/room?room={code}")
        page.get_by_role("button", name="Join").click()
        page.get_by_text("student", exact=False).first.wait_for()
        return page


@pytest.fixture
def room(shared):
    """An empty room; in the end nobody may have seen an error. Who somebody is stands in the URL: all share cookies."""
    yield from nothing_fails(Room(lambda: shared))


@pytest.fixture
def apart(browser):
    """The same, with cookies of one's own."""
    contexts = []

    def context():
        contexts.append(browser.new_context())
        return contexts[-1]

    yield from nothing_fails(Room(context))
    for each in contexts:
        each.close()


def nothing_fails(made: Room):
    """The room, and in the end a look at everybody's page."""
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


def choose(page, option: int) -> None:
    """A student chooses an answer."""
    page.get_by_role("radio").nth(option).locator("xpath=ancestor::label").click()
    page.get_by_role("button", name="This is my answer").click()


def commit(page, option: int) -> None:
    """The same, and waits until the answer is in."""
    choose(page, option)
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


def test_behind_nginx_one_of_two_apps_is_killed(apart, serve, redis_url, tmp_path):
    """Whoever had a page from it, the teacher first of all, goes on with the other app: same room, same answers."""
    servers = {each.port: each for each in (serve(name, EXPLORER_STORE=redis_url) for name in ("one", "other"))}
    (tmp_path / "nginx").mkdir()
    proxy = Proxy(tmp_path / "nginx", *servers)
    try:
        teacher, code = apart.teacher(proxy)
        (steering,) = set().union(*proxy.seats().values())
        students = [apart.student(proxy, code) for _ in range(2)]
        while len(set().union(*proxy.seats().values())) < 2 and len(students) < 8:
            students.append(apart.student(proxy, code))
        n = len(students)
        for option, student in enumerate(students):
            commit(student, option % 2)
        teacher.get_by_text(f"{n} of {n} have answered").wait_for()
        servers[steering].stop(kill=True)
        teacher.wait_for_selector("[data-test-connection-state=CONNECTED]", timeout=60_000)
        teacher.get_by_text(f"{n} of {n} have answered").wait_for()
        teacher.get_by_role("button", name="Next").click()
        for option, student in enumerate(students):
            student.get_by_text("screen 2 of").wait_for(timeout=60_000)
            commit(student, option % 2)
        teacher.get_by_text(f"{n} of {n} have answered").wait_for()
    finally:
        proxy.stop()
    store = open_store(redis_url)
    for place, options in enumerate((FIRST, SECOND)):
        assert answers(store, code, place) == {i + 1: options[i % 2] for i in range(n)}


# ------------------------------------------------------------------------------------------- a store that does not work


def says_that_rooms_do_not_work(page, why: str):
    """The sentence that names the reason, and what it does not concern."""
    said = page.get_by_text("Class rooms do not work at the moment")
    said.wait_for()
    assert why in said.inner_text()
    assert "All other pages go on" in said.inner_text()


def explore_works(page, server):
    page.goto(f"{server.url}/?scale=3")
    page.wait_for_selector(".lb[data-settled='true']")


def test_a_full_disk(room, serve):
    """No file of the server can grow: the answer is not taken as given, other pages go on; later it is."""
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux limits the files of another process")
    server = serve("app")
    _, code = room.teacher(server)
    student = room.student(server, code)
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    choose(student, 1)
    says_that_rooms_do_not_work(student, "disk")
    assert student.get_by_text("Your answer is in").count() == 0
    explore_works(room.visitor(server.url), server)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, most))
    commit(student, 1)
    assert answers(open_store(server.environment["EXPLORER_STORE"]), code, 0) == {1: FIRST[1]}


def test_a_store_that_cannot_be_written(room, serve, tmp_path):
    """Its folder is missing: other pages go on; once it is there, so do rooms."""
    server = serve("app", EXPLORER_STORE=str(tmp_path / "missing" / "rooms.sqlite3"))
    page = room.visitor(f"{server.url}/room")
    page.get_by_role("button", name="Open a room").click()
    says_that_rooms_do_not_work(page, "unable to open")
    explore_works(room.visitor(server.url), server)
    (tmp_path / "missing").mkdir()
    page.get_by_role("button", name="Open a room").click()
    page.get_by_role("button", name="Reveal").wait_for()
