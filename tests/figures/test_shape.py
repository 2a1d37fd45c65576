"""What the Shapes page says in words and matrices, against the norms it is made from."""

import numpy as np
import pytest

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.shapes import SHAPES
from explorer.engine.shapes.learning import Learnt, Setup, draw
from explorer.engine.shapes.looking import look
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.shape import longest, matrices, sentence
from explorer.figures.theme import power


def untrained(name: str, text: str, truncation: str = "full"):
    """A look at one example in the network before it has learnt anything."""
    shape = SHAPES[name]
    how = Setup(CELLS["rnn"], ACTIVATIONS["tanh"], TRUNCATIONS[truncation].keep, 2, 1.0, 0)
    weights = {c: {n: np.atleast_2d(W)[None] for n, W in params.items()} for c, params in draw(shape, how).items()}
    return look(shape, how, Learnt((0,), weights, np.zeros(1)), shape.task.known(text))


WAYS = {  # shape: (example, hand-overs on the longest path, from which loss, to which state)
    "one-to-one": ("q", 0, "L₁", "s₁"),
    "one-to-many": ("D", 7, "L₈", "s₁"),
    "many-to-one": ("the film was not good", 4, "L₅", "s₁"),
    "aligned": ("the dog runs", 2, "L₃", "s₁"),
    "encoder-decoder": ("abca", 7, "L₈", "s₁"),
    "bidirectional": ("the girl ___ a long letter", 3, "L₃", "s₆"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_longest_path(name):
    text, length, loss, state = WAYS[name]
    seen = untrained(name, text)
    found = longest(SHAPES[name], seen)
    assert found[:3] == (length, loss, state)
    said = sentence(SHAPES[name], seen, 0)
    assert power(found[3][0], 2) in said
    assert power(found[4][0], 2) in said
    assert loss in said
    assert state in said


def test_a_cut_path_says_so():
    assert "exactly 0" in sentence(SHAPES["many-to-one"], untrained("many-to-one", "the film was not good", "block"), 0)


@pytest.mark.parametrize("name", SHAPES)
def test_a_matrix_has_a_row_per_loss_and_no_loss_reaches_the_future(name):
    seen = untrained(name, WAYS[name][0])
    made = matrices(SHAPES[name], seen)
    assert len(made) == (2 if name == "bidirectional" else 1)
    for matrix, backward in zip(made, (False, True), strict=False):
        assert matrix.log10s.shape == (1, len(seen.asked), len(matrix.columns))
        for row, label in zip(matrix.log10s[0], matrix.rows, strict=True):
            here = matrix.columns.index(label.replace("L", "s"))
            reached = slice(here, None) if backward else slice(here + 1)
            assert np.isfinite(row[reached]).all()
            assert np.isfinite(row).sum() == len(row[reached])
