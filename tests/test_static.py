"""The builder of the edition without a server, as far as it needs no network; what it builds runs in tests/browser/."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.static import build, download, pins
from explorer.browser import giving_way
from explorer.config import Config, to_query
from explorer.lessons.presets import PRESETS
from explorer.live.explore import SHOW, STAGE, Alone
from explorer.live.frames import frame_bytes, strip_values
from explorer.run import compare
from tests.live.unpacking import unjoin, unpack

ROOT = Path(__file__).parents[1]
LINE = re.compile(r"^[a-z0-9-]+==[0-9][0-9a-z.]* --hash=sha256:[0-9a-f]{64}$")


def locked():
    """Names and lines of wheels.txt."""
    lines = [line for line in download.LOCK.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {line.split("==")[0]: line for line in lines}


def test_everything_is_pinned_by_hash():
    """Each wheel is either a pure one with its SHA-256, or a compiled one, whose hash Pyodide's package states."""
    assert all(LINE.match(line) for line in locked().values())
    assert {"micropip", *pins.BOARD, *pins.FIRST} == {*locked(), *pins.COMPILED}
    assert not set(locked()) & set(pins.COMPILED)
    assert all(len(sha512) == 88 for _, sha512 in pins.NPM.values())


def test_a_download_that_is_not_the_pinned_one_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(download, "fetched", lambda url: b"something else")
    with pytest.raises(download.UnobtainableError, match="not the pinned one"):
        download.npm("pyodide")
    assert not list(tmp_path.rglob("*.tgz"))
    wheel = tmp_path / "segno-1.6.6-py3-none-any.whl"
    wheel.write_bytes(b"something else")
    with pytest.raises(download.UnobtainableError, match="SHA-256 differs"):
        download.checked(wheel)


def test_a_registry_that_cannot_be_reached_is_named():
    with pytest.raises(download.UnobtainableError, match=r"http://127\.0\.0\.1:9/x cannot be downloaded"):
        download.fetched("http://127.0.0.1:9/x")


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(download.UnobtainableError, match="holds something else"):
        build.build(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


def test_the_same_files_make_the_same_archive():
    files = build.files_in(build.APP_FILES)
    assert build.zipped(files) == build.zipped(files)
    assert "app.py" in files
    assert "explorer/texts/explore.md" in files
    assert "explorer/live/board.js" in files
    assert not [name for name in files if "__pycache__" in name]


def test_wheels_are_slimmed_of_what_never_runs():
    files = {"a/b.py": b"1", "a/tests/test_b.py": b"2", "a/b.pyi": b"3", "a-1.dist-info/METADATA": b"4"}
    assert list(build.slim(files)) == ["a/b.py", "a-1.dist-info/METADATA"]


def test_what_is_left_out_is_not_asked_for():
    """Neither do our own files say NumPy's modules that are left out, nor does the board import such of Python's."""
    sources = b"\n".join(data for name, data in build.files_in(("app.py", "explorer")).items() if name.endswith(".py"))
    assert not re.search(rb"(np|numpy)\.(fft|polynomial|testing|f2py)\b", sources)
    trees = [ast.parse(data) for name, data in build.files_in(build.BOARD_FILES).items() if name.endswith(".py")]
    asked = {node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    asked |= {
        name.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert {"configparser", "dataclasses"} < asked
    assert not [name for name in asked if pins.NOT_ON_BOARD.match(f"{name.replace('.', '/')}.py")]
    assert pins.NOT_ON_BOARD.match("unittest/mock.pyc")
    assert pins.NOT_ON_BOARD.match("pdb.py")


def test_what_is_left_out_of_plotly_draws_nothing_here():
    """Every kind of picture that the app makes, under every template of Plotly's."""
    sources = "".join(data.decode() for name, data in build.files_in(("explorer",)).items() if name.endswith(".py"))
    kinds = sorted(set(re.findall(r'"type": "(\w+)"', sources)) - {"line", "log", "rect"})
    assert {"scatter", "heatmap", "surface"} < set(kinds)
    code = f"""
import sys
import plotly.graph_objects as go, plotly.io, plotly.offline, plotly.tools
for kind in {kinds}:
    for template in plotly.io.templates:
        go.Figure({{"data": [{{"type": kind}}], "layout": {{"template": template}}}}).to_json()
print(*(name.replace(".", "/") + suffix for name in sys.modules for suffix in (".py", "/__init__.py")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    paths = [path for path in done.stdout.split() if path.startswith("plotly/")]
    assert len(paths) > 300
    assert not [path for path in paths if pins.NOT_RUN.match(path)]


def test_bytecode_lies_where_python_looks_for_it():
    files, codes = {"a/b.py": b"source", "a/c.txt": b"text"}, {"there/a/b.py": b"bytecode"}
    assert build.bytecode.instead(files, "there", codes) == {"a/b.pyc": b"bytecode", "a/c.txt": b"text"}
    beside = build.bytecode.beside(files, "there", codes)
    assert beside == files | {"a/__pycache__/b.cpython-313.pyc": b"bytecode"}
    assert build.bytecode.instead(files, "there", {}) == build.bytecode.beside(files, "there", {}) == files


def test_modules_are_found_by_their_imports():
    """Those that come at once, those on demand; what the app never draws is left out."""
    chunks = {
        "stlite.js": b'import { a } from "./a.js";\nconst b = () => import("./b.js");\nimport("./GraphVizChart-1.js");',
        "a.js": b"export const a = 1;",
        "b.js": b'import "./c.js";',
        "c.js": b"",
        "GraphVizChart-1.js": b"",
        "d.js": b"",
    }
    assert build.reached(chunks, "stlite.js", at_once=True) == {"stlite.js", "a.js"}
    assert build.reached(chunks, "stlite.js", at_once=False) == {"stlite.js", "a.js", "b.js", "c.js"}


def test_every_page_has_an_address():
    names = build.page_names()
    assert names[0] == "explore"
    assert all((ROOT / "explorer" / "pages" / f"{name}.py").exists() for name in names)
    assert len(names) == (ROOT / "app.py").read_text(encoding="utf-8").count("st.Page(")


def test_the_board_alone_needs_numpy_and_the_files_it_gets(tmp_path):
    """In a folder that holds nothing but them, without Streamlit."""
    for name, data in build.files_in(build.BOARD_FILES).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    code = """
import sys
from explorer.live.explore import Alone
assert len(Alone({}, "p").answer({})) > 1000
foreign = {n.partition(".")[0] for n in sys.modules} - set(sys.stdlib_module_names) - {"numpy", "explorer", "__main__"}
print(*sorted(n for n in foreign if not n.startswith("_")))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not {"streamlit", "plotly", "pandas"} & set(done.stdout.split())


def test_the_board_alone_answers_as_the_page_does():
    """The same frame, a strip when one is asked for, the settings of an address and of events."""
    board = Alone({"scale": "2", "T": "30", "show": "lstm", "H": "many"}, "plotly.js")
    assert "'many' is not a whole number" in board.problems[0]
    header, body = unjoin(board.answer({}))
    config = Config(weight_scale=2.0, sequence_length=30)
    assert body[: header["frame"]] == frame_bytes(config, SHOW, STAGE)
    assert header["strip"] is None
    header, body = unjoin(board.answer({"field": "weight_scale", "value": 3.0, "strip": True, "serial": 7}))
    assert (header["answer"], header["strip"]["field"]) == (7, "weight_scale")
    assert unpack(body[: header["frame"]])[0]["key"]
    state = json.loads(board.state())
    assert state["query"] == to_query(Config(weight_scale=3.0, sequence_length=30))
    assert (state["preset"], state["task"]) == (None, "dogs")
    assert list(compare(board.config, SHOW)) == list(SHOW)


def test_the_board_alone_has_presets_and_tasks():
    """Every preset is lit when it is on the screen; a task keeps the other settings."""
    board = Alone({"scale": "many"}, "plotly.js")
    for name, preset in PRESETS.items():
        assert preset.show == SHOW
        board.answer({"preset": name})
        assert board.config == preset.config
        state = json.loads(board.state())
        assert (state["preset"], state["presets"][name], state["problems"]) == (name, preset.text, [])
    board.answer({"field": "task", "value": "adding"})
    assert board.config == replace(preset.config, task="adding")
    assert json.loads(board.state())["preset"] is None


def test_a_first_strip_in_a_browser_is_coarse(monkeypatch):
    """The whole one, asked for later, has a frame for every position; on a server the first one has."""
    values = range(60)
    assert len(strip_values(Config(), STAGE, values, 0, whole=False)) == 60
    monkeypatch.setattr("explorer.live.frames.IN_BROWSER", True)
    assert len(strip_values(Config(), STAGE, values, 0, whole=False)) <= 22
    assert len(strip_values(Config(), STAGE, values, 0)) == 60
    large = Config(sequence_length=100, hidden_size=32)
    assert len(strip_values(large, STAGE, values, 0)) == len(strip_values(large, STAGE, values, 0, whole=False))


@pytest.mark.parametrize("event", [{"preset": "x"}, {"field": "task", "value": []}, {"field": "task", "strip": True}])
def test_the_board_alone_bears_any_choice(event):
    board = Alone({}, "plotly.js")
    board.answer(event)
    assert board.config == Config()


@pytest.mark.parametrize(
    "event", [{"field": "weight_scale", "value": "x"}, {"field": "T"}, {"field": "window", "value": -1}]
)
def test_the_board_alone_bears_any_event(event):
    board = Alone({}, "plotly.js")
    board.answer(event)
    assert board.config == Config()


class Session:
    """As much of Streamlit's session as the ticks touch."""

    def __init__(self):
        self.full, self.ran = False, []
        self._browser_queue = SimpleNamespace(is_empty=lambda: not self.full)

    def request_rerun(self, state):
        self.ran.append(state)


def test_ticks_wait_for_what_was_drawn_and_come_once():
    """Ten ticks become one, and not before the last pictures are sent. A person goes ahead, and ends the wait."""

    async def story():
        session = Session()
        request = giving_way(Session.request_rerun)
        tick, person = (SimpleNamespace(is_auto_rerun=auto, fragment_id="f") for auto in (True, False))
        session.full = True
        for _ in range(10):
            request(session, tick)
        await asyncio.sleep(0.1)
        assert session.ran == []
        session.full = False
        await asyncio.sleep(0.1)
        assert session.ran == [tick]
        session.full = True
        for asked in (person, None):  # a tick after somebody's click on another page would lead back from there
            request(session, tick)
            request(session, asked)
        assert session.ran == [tick, person, None]
        session.full = False
        await asyncio.sleep(0.1)
        assert session.ran == [tick, person, None]
        request(session, tick)
        await asyncio.sleep(0.1)
        assert session.ran == [tick, person, None, tick]

    asyncio.run(story())


def test_the_loading_picture_is_of_a_real_run():
    """One line per activation, drawn from the engine's numbers."""
    picture = build.loading_picture()
    assert picture.count("<polyline") == 2
    assert "nan" not in picture
