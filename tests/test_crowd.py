"""Runs stand in line."""

from pathlib import Path
from threading import Event, Thread, get_ident

import pytest

from explorer import crowd
from explorer.crowd import OVERDUE, Line

SOON = 20.0  # seconds, far beyond what anything here takes
ENDED = Event()
ENDED.set()

ROOT = Path(__file__).parents[1]


def free(line: Line) -> bool:
    """Whether all its places are free again: none is held, none lent."""
    return line._places._free > 0 and not line._places._lent


def running(line: Line, go: Event) -> tuple[Thread, Event]:
    """A run in a thread of its own that ends when told to, and whether it has begun."""
    begun = Event()

    def run() -> None:
        with line.place():
            begun.set()
            go.wait(SOON)

    thread = Thread(target=run)
    thread.start()
    return thread, begun


def test_one_after_the_other():
    """With one place, the second run begins when the first has ended."""
    line, go = Line(at_once=1, patience=SOON), Event()
    first, begun = running(line, go)
    assert begun.wait(SOON)
    second, begun = running(line, go)
    assert not begun.wait(0.05)
    go.set()
    assert begun.wait(SOON)
    first.join(SOON)
    second.join(SOON)


def test_as_many_at_once_as_there_are_places():
    line, go = Line(at_once=2, patience=SOON), Event()
    runs = [running(line, go) for _ in range(2)]
    assert all(begun.wait(SOON) for _, begun in runs)
    go.set()
    for thread, _ in runs:
        thread.join(SOON)


def order(names: list[str], overdue: int = 0) -> list[str]:
    """How runs begin that came to the line as named while its place was held; a slider's go first.

    So many of the others have waited for long.
    """
    line, began = Line(at_once=1, patience=SOON), []

    def run(name: str) -> None:
        with line.place(first=name.startswith("slider")):
            began.append(name)

    threads = [Thread(target=run, args=(name,)) for name in names]
    with line.place():
        for n, thread in enumerate(threads, 1):
            thread.start()
            while len(line._places) < n:
                pass
        for ticket in list(line._places._others)[:overdue]:
            ticket.since -= 2 * OVERDUE
    for thread in threads:
        thread.join(SOON)
    assert free(line)
    return began


def test_short_ones_go_first():
    """Of those who wait the short ones, in their order; then the others, in theirs."""
    assert order(["page 1", "page 2", "slider 1", "slider 2"]) == ["slider 1", "slider 2", "page 1", "page 2"]


def test_a_page_that_is_overdue_takes_turns_with_sliders():
    names = ["slider 1", "slider 2", "slider 3", "page 1", "page 2", "page 3"]
    assert order(names, overdue=2) == ["page 1", "slider 1", "page 2", "slider 2", "slider 3", "page 3"]


def test_who_takes_long_is_passed():
    """Behind a run that does not end the others go on one after the other, in a place that goes back when it ends."""
    line, go = Line(at_once=1, patience=0.05), Event()
    first, begun = running(line, go)
    assert begun.wait(SOON)
    for _ in range(3):
        second, begun = running(line, ENDED)
        assert begun.wait(SOON)
        second.join(SOON)
        assert line._places._lent == 1
    go.set()
    first.join(SOON)
    assert free(line)
    assert line._places._free == 1


def test_many_who_take_long():
    """Each lets one more go on, and all places that were lent go back."""
    line, go = Line(at_once=1, patience=0.02), Event()
    runs = [running(line, go) for _ in range(5)]
    assert all(begun.wait(SOON) for _, begun in runs)
    assert line._places._lent == 4
    go.set()
    for thread, _ in runs:
        thread.join(SOON)
    assert free(line)
    assert line._places._free == 1


def test_while_the_queue_moves_nobody_goes_ahead():
    """However long it is: a hundred runs at once would hold up one another."""
    line, most = Line(at_once=1, patience=SOON), [0]

    def run() -> None:
        with line.place():
            most[0] = max(most[0], sum(run.held is not None for run in list(line._runs.values())))

    with line.place():
        threads = [Thread(target=run) for _ in range(50)]
        for thread in threads:
            thread.start()
        while len(line._places) < len(threads):
            pass
        line._places._others[0].since -= 2 * SOON  # who has waited longest has done so for ages
    for thread in threads:
        thread.join(SOON)
    assert most == [1]
    assert free(line)


def test_a_run_inside_a_run_does_not_wait():
    """A fragment of a page, within the page's own place."""
    line = Line(at_once=1, patience=SOON)
    with line.place(), line.place():
        pass
    assert free(line)


def test_long_work_is_passed_by_others():
    """The place of who does such work is free meanwhile, and taken again afterwards."""
    line = Line(at_once=1, patience=SOON)
    with line.place():
        with line.aside("a strip") as waiting:
            assert waiting == 0
            second, begun = running(line, ENDED)
            assert begun.wait(SOON)
            second.join(SOON)
        assert not free(line)
    assert free(line)


def test_while_a_browser_draws_others_pass(monkeypatch):
    """However long it is given for that."""
    line, slept = Line(at_once=1, patience=SOON), []

    def draw(seconds: float) -> None:
        slept.append(seconds)
        second, begun = running(line, ENDED)
        assert begun.wait(SOON)
        second.join(SOON)

    monkeypatch.setattr(crowd, "sleep", draw)
    with line.place():
        line.let_draw()
        assert not free(line)
    assert slept == [crowd.DRAWING]
    assert free(line)


def test_long_work_is_done_by_one_at_a_time():
    """Who comes to it is told how many wait behind for something else: what many want is made once, and whole."""
    line, told = Line(), {}

    def work(name: str, what: str) -> None:
        with line.aside(what) as waiting:
            told[name] = waiting, set(told)

    wanted = {"a": "one", "b": "one", "c": "one", "d": "another"}
    others = [Thread(target=work, args=pair) for pair in wanted.items()]
    with line.aside("one") as waiting:
        assert waiting == 0
        for other in others:
            other.start()
        while len(line._waiting) < len(others):
            pass
        assert told == {}
    for other in others:
        other.join(SOON)
    for name, (waiting, before) in told.items():
        assert waiting == sum(wanted[other] != wanted[name] for other in set(wanted) - before - {name})


def test_who_works_on_lets_others_pass():
    """Alone it goes on at once; else it gives its place to who is in line, and takes it again when nobody is."""
    line = Line(at_once=1, patience=SOON)
    with line.place():
        line.let_pass(patience=float("inf"))
        second, begun = running(line, ENDED)
        assert not begun.wait(0.05)
        line.let_pass(patience=SOON)
        assert begun.is_set()
        second.join(SOON)
        assert not free(line)


def test_between_its_parts_a_page_lets_sliders_pass():
    """And no other page; then it goes on before those that came after it."""
    line, said = Line(at_once=1, patience=SOON), []

    def run(name: str) -> None:
        with line.place(first=name.startswith("slider")):
            said.append(name)

    threads = [Thread(target=run, args=(name,)) for name in ("page 2", "slider 1", "slider 2")]
    with line.place():
        line.make_way()  # nobody waits
        for n, thread in enumerate(threads, 1):
            thread.start()
            while len(line._places) < n:
                pass
        line.make_way()
        said.append("page 1")
        line.make_way()
    for thread in threads:
        thread.join(SOON)
    assert said == ["slider 1", "slider 2", "page 1", "page 2"]
    assert free(line)


@pytest.mark.parametrize(("first", "late"), [(True, 0.0), (False, 2 * OVERDUE)])
def test_who_is_in_a_hurry_or_late_makes_no_way(first, late):
    line = Line(at_once=1, patience=SOON)
    with line.place(first):
        slider, begun = running_first(line)
        line._runs[get_ident()].since -= late
        line.make_way()
        assert not begun.is_set()
    slider.join(SOON)
    assert begun.is_set()


def running_first(line: Line) -> tuple[Thread, Event]:
    """A slider's run, once it stands in line, and whether it has begun."""
    begun = Event()

    def run() -> None:
        with line.place(first=True):
            begun.set()

    thread = Thread(target=run)
    thread.start()
    while not line._places.hurried:
        pass
    return thread, begun


def test_who_has_let_others_pass_makes_way():
    """Of a slice of training the pictures, too: however it came in, it goes first no longer."""
    line = Line(at_once=1, patience=SOON)
    with line.place(first=True):
        second, begun = running(line, ENDED)
        line.let_pass(patience=SOON)
        second.join(SOON)
        slider, begun = running_first(line)
        line.make_way()
        assert begun.is_set()
        slider.join(SOON)


def test_outside_of_the_line_nobody_waits():
    line = Line()
    line.make_way()
    line.let_pass()
    with line.aside("a strip") as waiting:
        assert waiting == 0


def test_who_lets_others_pass_does_not_wait_for_ever():
    line, go = Line(at_once=2, patience=SOON), Event()
    second, begun = running(line, go)
    assert begun.wait(SOON)
    with line.place():
        line.let_pass(patience=0.01)
    go.set()
    second.join(SOON)


def test_a_run_that_fails_gives_its_place_back():
    line = Line(at_once=1, patience=SOON)
    with pytest.raises(RuntimeError), line.place():
        raise RuntimeError
    with line.place():
        assert not free(line)


def test_every_fragment_stands_in_line():
    """Save the class room's, which may have to wait for its store and then must keep nobody waiting."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "explorer").rglob("*.py")}
    fragments = [(path.name, rest) for path, text in sources.items() for rest in text.split("st.fragment")[1:]]
    assert len(fragments) >= 6
    alone = [name for name, rest in fragments if "by_itself" not in rest.partition("def ")[0].partition(")()")[0]]
    assert alone == ["session.py"]
