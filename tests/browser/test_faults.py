"""What goes wrong around a page: servers die, networks break, tabs double, laptops sleep. The settings survive."""

from __future__ import annotations

import os
import time

import pytest

from explorer.config import Config
from explorer.lessons.presets import PRESETS
from tests.browser.board import SCREEN, Board
from tests.browser.proxy import Proxy
from tests.browser.serving import Server

CUT = 30_000 if os.environ.get("HOSTILE") == "full" else 4_000  # ms without a network
BACK = 60_000  # ms until a page is back; Streamlit's attempts to reconnect come at growing intervals
SETTINGS = {"scale": 3, "H": 8, "seed": 5}
CONFIG = Config(weight_scale=3, hidden_size=8, seed=5)
SLOW = """  // The components' modules load when openTheGate() is called, as in a browser that is busy; and
    // what they are called with, and leave behind to end them, is noted.
    window.gate = new Promise((open) => (window.openTheGate = open));
    window.called = [];
    window.Blob = class extends Blob {
        constructor(parts, options) {
            const noted = `await window.gate;
                export default (given) => {
                    const leave = component(given);
                    window.called.push({place: given.parentElement, leave});
                    return leave;
                };`;
            const script = (text) => noted + text.replace("export default function", "function component");
            super(options?.type === "text/javascript" ? [script(parts.join(""))] : parts, options);
        }
    };
"""
BOARDS_CALLS = "called.filter(({place}) => place.contains(document.querySelector('.lb')))"


@pytest.fixture
def own(browser, tmp_path):
    """own() → a server of the test's own; open(url) → a Board in a context of its own."""
    servers, contexts = [], []

    class Own:
        def server(self, name="server", **environment):
            (tmp_path / name).mkdir()
            servers.append(Server(tmp_path / name, **environment))
            return servers[-1]

        def proxy(self, *ports):
            (tmp_path / "nginx").mkdir()
            servers.append(Proxy(tmp_path / "nginx", *ports))
            return servers[-1]

        def board(self, url):
            contexts.append(browser.new_context(viewport=SCREEN))
            made = Board(contexts[-1].new_page(), url)
            made.page.set_default_timeout(BACK)
            return made

    yield Own()
    for context in contexts:
        context.close()
    for server in servers:
        server.stop()


def press(board, key="ArrowRight"):
    """Once the page is connected, one key press on the weight scale, whose value then is returned."""
    board.page.wait_for_selector("[data-test-connection-state=CONNECTED]")
    board.page.focus("#lb-weight_scale")
    board.page.keyboard.press(key)
    return float(board.page.locator("#lb-weight_scale").get_attribute("aria-valuetext"))


def test_the_server_is_killed_and_comes_back(own):
    """The open page finds it again, with its settings; it says what was lost; and it works."""
    server = own.server()
    explore = own.board(server.url).open(**SETTINGS)
    assert explore.page.locator(".live-notice").is_hidden()
    server.stop(kill=True)
    explore.page.wait_for_timeout(1_500)
    server.start()
    explore.shows(CONFIG)
    explore.settle(weight_scale=press(explore))
    assert "forgotten this page" in explore.page.locator(".live-notice").inner_text()
    explore.page.wait_for_function("location.search.includes('scale=3.3')")
    assert {k: explore.query[k] for k in ("H", "seed")} == {"H": "8", "seed": "5"}
    assert explore.page.get_by_test_id("stException").count() == 0


def test_other_pages_say_what_a_restart_has_lost(own):
    """By hand and Shapes, as soon as they are connected: the address has their settings, not all else."""
    server = own.server()
    links = {"/by_hand?text=cat&seed=3": ".un", "/shapes?shape=aligned&seed=2": "#sh-updates"}
    pages = [own.board(server.url).page for _ in links]
    for page, (link, drawn) in zip(pages, links.items(), strict=True):
        page.goto(server.url + link)
        page.wait_for_selector(drawn)
        assert page.locator(".live-notice").is_hidden()
    server.stop(kill=True)
    server.start()
    for page, (link, drawn) in zip(pages, links.items(), strict=True):
        page.wait_for_selector(".live-notice:visible")
        assert "forgotten this page" in page.locator(".live-notice").inner_text()
        assert link in page.evaluate("location.href")
        page.focus(drawn)
        page.keyboard.press("ArrowRight")
        page.wait_for_function("link => !location.href.endsWith(link)", arg=link)
        assert page.get_by_test_id("stException").count() == 0


def test_a_laptop_that_sleeps(own):
    """Its page is frozen and its network gone for longer than the server keeps a session: as after a restart."""
    server = own.server(STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="1")
    proxy = own.proxy(server.port)
    explore = own.board(proxy.url).open(**SETTINGS)
    explore.settle(weight_scale=press(explore))
    explore.page.wait_for_function("location.search.includes('scale=3.3')")
    lid = explore.page.context.new_cdp_session(explore.page)
    lid.send("Page.setWebLifecycleState", {"state": "frozen"})
    proxy.stop()
    time.sleep(3)
    proxy.start()
    lid.send("Page.setWebLifecycleState", {"state": "active"})
    explore.page.wait_for_selector(".live-notice:visible")
    explore.shows(Config(weight_scale=3.3, hidden_size=8, seed=5))
    explore.settle(weight_scale=press(explore, "ArrowLeft"))
    assert explore.page.get_by_test_id("stException").count() == 0


def test_what_is_done_while_the_server_is_away_is_not_lost(own):
    """A slider moved while nobody answers: sent again when somebody does."""
    server = own.server()
    explore = own.board(server.url).open(**SETTINGS)
    explore.settle(weight_scale=press(explore))
    server.stop(kill=True)
    explore.page.wait_for_timeout(500)
    explore.page.evaluate(
        """() => {
            const input = document.querySelector("#lb-weight_scale");
            input.disabled = false;
            input.value = Number(input.value) + 1;
            for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, {bubbles: true}));
        }"""
    )
    value = float(explore.page.locator("#lb-weight_scale").get_attribute("aria-valuetext"))
    assert value > 3.3
    server.start()
    explore.settle(weight_scale=value)
    explore.page.wait_for_function(f"location.search.includes('scale={value:g}')")


def test_the_network_is_gone_for_a_while(own):
    """The same session goes on: nothing is lost, nothing has to be said."""
    server = own.server()
    proxy = own.proxy(server.port)
    explore = own.board(proxy.url).open(**SETTINGS)
    explore.settle(weight_scale=press(explore))
    proxy.stop()
    explore.page.wait_for_timeout(CUT)
    proxy.start()
    explore.settle(weight_scale=press(explore))
    assert explore.page.locator(".live-notice").is_hidden()
    assert {k: explore.query[k] for k in ("H", "seed")} == {"H": "8", "seed": "5"}


def test_one_of_two_processes_dies(own):
    """Behind nginx: a browser stays with its process; when that is killed, its pages go on in the other one."""
    servers = {server.port: server for server in (own.server("one"), own.server("two"))}
    proxy = own.proxy(*servers)
    boards = [own.board(proxy.url).open(**SETTINGS) for _ in range(3)]
    while len(set().union(*proxy.seats().values())) < 2 and len(boards) < 12:
        boards.append(own.board(proxy.url).open(**SETTINGS))
    assert all(len(ports) == 1 for ports in proxy.seats().values()), "a browser was sent to both"
    before = [board.query for board in boards]
    victim = next(iter(proxy.seats().values())).pop()
    servers[victim].stop(kill=True)
    for board, query in zip(boards, before, strict=True):
        board.settle(weight_scale=3.0)
        assert board.query == query
        board.settle(weight_scale=press(board))
        board.page.wait_for_function("location.search.includes('scale=3.3')")
        board.shows(Config(weight_scale=3.3, hidden_size=8, seed=5))
        assert board.page.get_by_test_id("stException").count() == 0
    assert any(board.page.locator(".live-notice").is_visible() for board in boards), "no page had to move"
    lost = ("WebSocket", "ERR_", "Failed to load resource")  # of the process that died
    inline = "Executing inline script"  # Streamlit's own, which our Content-Security-Policy blocks, without harm
    for board in boards:
        assert [fault for fault in board.faults if not any(word in fault for word in (*lost, inline))] == []


def test_two_tabs_on_one_link(board):
    """Each has settings of its own."""
    one, two = board().open(**SETTINGS), board().open(**SETTINGS)
    one.settle(weight_scale=press(one))
    one.page.wait_for_function("location.search.includes('scale=3.3')")
    assert two.query["scale"] == "3"
    two.shows(CONFIG)
    two.settle(weight_scale=press(two, "ArrowLeft"))
    one.shows(Config(weight_scale=3.3, hidden_size=8, seed=5))


def test_reload_and_back(board):
    """A reload shows what the address says; back shows what it said before."""
    explore = board().open(**SETTINGS)
    explore.settle(weight_scale=press(explore))
    explore.page.wait_for_function("location.search.includes('scale=3.3')")
    explore.page.reload()
    explore.shows(Config(weight_scale=3.3, hidden_size=8, seed=5))
    explore.page.goto(explore.home + "/?seed=1")
    explore.shows(Config(seed=1))
    explore.page.go_back()
    explore.shows(Config(weight_scale=3.3, hidden_size=8, seed=5))


def test_a_board_whose_script_comes_late_stays(board):
    """Streamlit first makes all the calls that have gathered meanwhile, and then ends those that were overtaken."""
    late = board()
    late.page.add_init_script(SLOW)
    late.page.goto(f"{late.home}/?scale=3")
    late.page.get_by_role("radio", name="edge", exact=True).click()
    late.page.wait_for_function("location.search.includes('init=orthogonal')")
    assert late.page.locator(".lb").count() == 0
    late.page.evaluate("openTheGate()")
    late.shows(PRESETS["edge"].config)
    assert late.page.evaluate(f"{BOARDS_CALLS}.length") >= 2


def test_a_board_that_is_ended_where_it_stands_asks_again(board):
    """It stays, and as no call follows, it asks for its data again; with its place it goes."""
    ended = board()
    ended.page.add_init_script(SLOW + "openTheGate();")
    ended.open(H=8)
    calls = ended.page.evaluate(f"{BOARDS_CALLS}.length")
    ended.page.evaluate(f"{BOARDS_CALLS}.at(-1).leave()")
    assert ended.page.locator(".lb").count() == 1
    ended.page.wait_for_function(f"{BOARDS_CALLS}.length > {calls}")
    ended.shows(Config(hidden_size=8))
    ended.page.evaluate(f"window.boards = {BOARDS_CALLS}.at(-1).place")
    ended.page.get_by_role("link", name="Training").click()
    ended.page.wait_for_function("boards.querySelector('.lb') === null")


SAYS = {  # page → what may happen on it at any moment: a slider is let go, a walk plays, the theme changes
    "Explore": """const slider = document.querySelector("#lb-weight_scale");
        slider.value = Number(slider.value) + 3;
        for (const name of ["input", "change"]) slider.dispatchEvent(new Event(name, {bubbles: true}))""",
    "By hand": """document.querySelector(".un").dispatchEvent(
        new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}))""",
    "Regimes": "window.explorerRedraw()",
}
LEAVE = {
    "link": "[...document.querySelectorAll('a')].find(({pathname}) => pathname === '/gated').click(); say();",
    "back": "addEventListener('popstate', say, {once: true}); history.back();",
}


@pytest.mark.parametrize("leave", LEAVE)
@pytest.mark.parametrize("name", SAYS)
def test_a_page_that_is_being_left_does_not_call_itself_back(visit, name, leave):
    """Whatever happens on it between the click and the other page: that comes, and stays."""
    page = visit("/gated", ".lb[data-settled='true']")
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_function("location.pathname !== '/gated'")
    page.wait_for_selector(".lb[data-settled='true'], .un[data-stop]")
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.evaluate(f"() => {{ const say = () => {{ {SAYS[name]} }}; {LEAVE[leave]} }}")
    page.wait_for_function("location.pathname === '/gated' && document.querySelectorAll('.lb-verdict').length === 3")
    page.wait_for_timeout(500)
    page.wait_for_selector("[data-test-script-state=notRunning]")
    assert page.evaluate("location.pathname") == "/gated"
    assert page.locator(".lb-verdict").count() == 3
