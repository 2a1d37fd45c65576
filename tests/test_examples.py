"""examples/engine.ipynb runs without Jupyter and prints what is stored in it.

`python -m tests.test_examples` runs it and stores what it prints.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from explorer.engine.checks import difference_quotients

NOTEBOOK = Path(__file__).parents[1] / "examples" / "engine.ipynb"
NUMBER = re.compile(r"[-−+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


def printed(cells: list[dict]) -> list[str]:
    """What each code cell prints, run one after the other in one namespace."""
    names: dict = {}
    outputs = []
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile("".join(cell["source"]), "engine.ipynb", "exec"), names)
        outputs.append(out.getvalue())
    return outputs


def code_of(notebook: dict) -> list[dict]:
    """Its code cells."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def notebook() -> dict:
    """The notebook as JSON."""
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))


def test_it_prints_what_is_stored(notebook):
    """The words exactly, the numbers to the precision of a float64 gradient on any machine."""
    cells = code_of(notebook)
    stored = ["".join(text for out in cell["outputs"] for text in out["text"]) for cell in cells]
    for want, got in zip(stored, printed(cells), strict=True):
        assert NUMBER.sub("#", got) == NUMBER.sub("#", want)
        numbers = [[float(n.replace("−", "-")) for n in NUMBER.findall(text)] for text in (got, want)]
        np.testing.assert_allclose(*numbers, rtol=2e-3, atol=1e-9)
    assert sum(map(bool, stored)) >= 4


def test_it_is_a_notebook_without_traces_of_a_machine(notebook):
    assert notebook["nbformat"] == 4
    assert all(cell["outputs"] == [] or cell["outputs"][0]["name"] == "stdout" for cell in code_of(notebook))
    assert "/home" not in json.dumps(notebook)
    assert difference_quotients.__name__ in json.dumps(notebook)  # it checks a gradient by the means of the engine


def store() -> None:
    """Run it and write down what it prints."""
    made = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = code_of(made)
    for number, (cell, text) in enumerate(zip(cells, printed(cells), strict=True), start=1):
        stdout = {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}
        cell |= {"execution_count": number, "outputs": [stdout] if text else []}
    NOTEBOOK.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    store()
