"""What the README says is so: its files and functions exist, its pictures are small, its diffs apply and run."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from explorer.lessons.catalogue import LESSONS
from explorer.texts import words

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = {title: text for title, _, text in (p.partition("\n") for p in re.split(r"(?m)^## ", README)[1:])}
LARGEST = 150_000  # bytes of a picture


def test_links_and_pictures_are_there():
    targets = re.findall(r"\]\((?!http|#)([^)]+)\)", README)
    assert len(targets) >= 8
    assert [target for target in targets if not (ROOT / target).exists()] == []
    pictures = [ROOT / target for target in targets if target.endswith(".png")]
    assert len(pictures) >= 6
    assert [path.name for path in pictures if path.stat().st_size > LARGEST] == []


def test_readers_find_the_functions():
    """Every line on a file names functions, classes or parameters of that file."""
    read = 0
    for point in re.split(r"(?m)^\d\. ", SECTIONS["For readers of the code"])[1:]:
        path = None
        for name in re.findall(r"`([^`]+)`", point.partition("\n\n")[0]):
            if name.endswith(".py"):
                path = ROOT / name
                names = {n for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for n in named(node)}
            else:
                assert name in names, f"{path.name} has no {name}"
                read += 1
    assert read >= 10


def named(node: ast.AST) -> list[str]:
    """What a piece of code gives a name to."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    return [node.arg] if isinstance(node, ast.arg) else []


def test_the_lesson_plan_is_of_45_minutes_and_of_this_app():
    plan = SECTIONS["For teachers"]
    spans = [tuple(map(int, pair)) for pair in re.findall(r"\| (\d+)–(\d+) \|", plan)]
    assert (spans[0][0], spans[-1][1]) == (0, 45)
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    app = (ROOT / "app.py").read_text(encoding="utf-8")
    pages = {words(name) for name in re.findall(r'title=words\("([^"]+)"\)', app)}
    assert set(re.findall(r"\*\*([^*]+)\*\*", plan)) <= pages
    titles = {lesson.title: len(lesson.screens) for lesson in LESSONS.values()}
    told = set(re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", plan)) - {"Share", "Present", "Train", "weight scale"}
    assert told <= titles.keys()
    assert titles["Vanishing"] == int(re.search(r"\*Vanishing\*, (\d+) screens", plan)[1])


# ------------------------------------------------------------------------------------------------ for contributors

TRIED = """
import numpy as np
from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.checks import difference_quotients
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.theme import plotly_figure
from explorer.run import compare, loss_of, run
from tests.pages.conftest import fine, opened, sent

config = Config(activation="arctan", sequence_length=9, hidden_size=5)
trace = run(config)
found = difference_quotients(lambda params: loss_of(config, params), trace.params, "W_hh", (1, 2), np.array([1e-20]))
assert np.isclose(found.complex_step[0], trace.full.grads["W_hh"][1, 2], rtol=1e-10, atol=0)
a = np.linspace(-9, 9, 1801)
arctan = ACTIVATIONS["arctan"]
assert np.isclose(arctan.dphi(a).max(), arctan.gamma)
assert np.allclose(arctan.slope(arctan.phi(a), np.empty_like(a)), arctan.dphi(a))
plotly_figure(gradient_terms(compare(config, ("tanh", "arctan"))), dark=True)
at = fine(opened(show="arctan", task="first", T="12"))
assert [v["name"] for v in sent(at)[1]["verdicts"]] == ["arctan"]

first = run(Config(task="first", sequence_length=6, batch_size=4))
assert first.loss_mask.sum() == 1
assert (first.targets[-1] == first.xs[0].argmax(axis=-1)).all()

assert "My lesson" in fine(opened("lessons", lesson="mine")).selectbox[0].options
"""


def diffs() -> dict[str, list[str]]:
    """{file: the lines of its diff}."""
    blocks = re.findall(r"```diff\n--- a/(\S+)\n\+\+\+ b/\1\n(.*?)```", SECTIONS["For contributors"], flags=re.S)
    return {path: lines.splitlines() for path, lines in blocks}


def applied(text: str, diff: list[str]) -> str:
    """The text with the lines of + put in, where those without one stand."""
    before = "\n".join(line[1:] for line in diff if not line.startswith("+"))
    after = "\n".join(line[1:] for line in diff)
    assert text.count(before) == 1, before
    return text.replace(before, after)


def test_contributors_add_one_entry(tmp_path):
    """The diffs applied to a copy: the new activation, task and lesson are on the pages, and the gradient is right."""
    for name in ("explorer", "tests", "static", ".streamlit"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", tmp_path)
    assert len(diffs()) == 3
    for path, diff in diffs().items():
        file = tmp_path / path
        file.write_text(applied(file.read_text(encoding="utf-8"), diff), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", TRIED], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.skipif(importlib.util.find_spec("pdoc") is None, reason="pip install -r tests/requirements.txt")
def test_the_docstrings_become_pages(tmp_path):
    """The command of the README, as it stands there."""
    command = re.search(r"`python -m (pdoc explorer\.engine -o) docs/api`", README)[1].split()
    subprocess.run(
        [sys.executable, "-m", *command, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, timeout=120
    )
    page = (tmp_path / "explorer" / "engine" / "bptt.html").read_text(encoding="utf-8")
    assert "da_t = dh_t ∘ φ′(a_t)" in page
