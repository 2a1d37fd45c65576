"""Training's loops against those of the lesson, and what they leave in memory."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.clipping import CLIPPERS
from explorer.engine.in_place import LOOPS, Arrays, in_place
from explorer.engine.norms import log10_norms
from explorer.engine.training import by_the_book, shaped
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import draw_params
from explorer.training.recipe import Recipe, start

T, N, D, H, O = 9, 3, 4, 5, 2
KEEPS = {
    name: truncation.keep(T, 3, np.random.default_rng(5))
    for name, truncation in TRUNCATIONS.items()
    if truncation.keep is not None
}


def problem(cell, dtype=np.float64, scale=1.0):
    """Weights, inputs, a state to begin with, and ∂L/∂y."""
    rng = np.random.default_rng(0)
    params = draw_params(rng, CELLS[cell], "gaussian", (D, H, O), 0.3, 0.5)
    params = {name: scale * W + 0.1 * rng.normal(size=W.shape) for name, W in params.items()}
    s = rng.normal(size=(N, H * len(CELLS[cell].parts)))
    arrays = rng.normal(size=(T, N, D)), s, rng.normal(size=(T, N, O))
    return {name: W.astype(dtype) for name, W in params.items()}, *(array.astype(dtype) for array in arrays)


def test_every_cell_has_its_loops():
    assert list(LOOPS) == list(CELLS.values())


@pytest.mark.parametrize("carried", [True, False])
@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_the_same_numbers_as_the_lesson(cell, activation, keep, carried):
    """States, ∂L/∂h_t and gradients; twice, since the second time finds the numbers of the first."""
    params, xs, s, dys = problem(cell)
    array = Arrays(np.dtype(float))
    for inputs in (xs, xs[::-1] + 1.0):
        args = CELLS[cell], params, inputs, ACTIVATIONS[activation], s if carried else None, array
        (hs, last, backward), (its_hs, its_last, its_backward) = in_place(*args), by_the_book(*args)
        np.testing.assert_allclose(hs, its_hs, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(last, its_last, rtol=1e-12, atol=1e-14)
        (dhs, grads), (its_dhs, its_grads) = backward(dys, KEEPS[keep]), its_backward(dys, KEEPS[keep])
        np.testing.assert_allclose(dhs, its_dhs, rtol=1e-11, atol=1e-13)
        assert list(grads) == list(its_grads) == list(params)
        for name, grad in grads.items():
            np.testing.assert_allclose(grad, its_grads[name], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cut_edge_passes_no_overflow_on(cell):
    """0 · ∞ is 0: what is before the cut stays finite."""
    params, xs, _, dys = problem(cell)
    keep = np.ones(T)
    keep[5] = 0.0
    _, _, backward = in_place(CELLS[cell], params, xs, ACTIVATIONS["tanh"], None, Arrays(np.dtype(float)))
    dys[6:] = np.inf
    with np.errstate(all="ignore"):
        dhs, _ = backward(dys, keep)
    assert np.isfinite(dhs[:5]).all()
    assert not np.isfinite(dhs[6:]).any()


@pytest.mark.parametrize("passes", [in_place, by_the_book])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_float32_never_turns_into_float64(cell, activation, passes):
    """Nothing that either way hands out, and nothing that was made on the way."""
    params, xs, s, dys = problem(cell, np.float32)
    array = Arrays(np.dtype("float32"))
    hs, last, backward = passes(CELLS[cell], params, xs, ACTIVATIONS[activation], s, array)
    dhs, grads = backward(dys, KEEPS["randomised"])
    assert {u.dtype for u in (hs, last, dhs, *grads.values(), *array.made.values())} == {np.dtype("float32")}


@pytest.mark.parametrize("clip", CLIPPERS)
@pytest.mark.parametrize("truncation", TRUNCATIONS)
@pytest.mark.parametrize("task", ["parity", "adding"])
def test_updates_stay_in_float32(task, truncation, clip):
    config = Config(
        task=task, sequence_length=6, hidden_size=4, truncation=truncation, window=3, clip=clip, clip_at=0.01
    )
    *_, last = islice(start(config, Recipe(precision="float32")).updates(), 3)
    assert {W.dtype for W in last.params.values()} == {np.dtype("float32")}


@pytest.mark.parametrize("update", ["sequence", "chunk"])
@pytest.mark.parametrize("cell", CELLS)
def test_memory_may_be_shared_and_cleared_between_updates(cell, update):
    """Two runs in turns in one `Arrays`, cleared now and then, make the updates of two runs alone."""
    config = Config(cell=cell, task="parity", sequence_length=10, window=4, hidden_size=4, batch_size=2)
    lessons = [start(replace(config, seed=seed), Recipe(update=update)) for seed in (0, 1)]
    alone = [[u.loss for u in islice(lesson.updates(), 8)] for lesson in lessons]
    array = Arrays(np.dtype(float))
    together = [lesson.updates(array) for lesson in lessons]
    losses = [[], []]
    for turn in range(8):
        for run, its_losses in zip(together, losses, strict=True):
            its_losses.append(next(run).loss)
        if turn % 3 == 0:
            array.clear()
    assert losses == alone


def test_parameters_as_one_vector_and_back():
    params, *_ = problem("gru")
    vector = np.concatenate([W.ravel() for W in params.values()])
    for name, W in shaped(vector, params).items():
        np.testing.assert_array_equal(W, params[name])
        assert np.shares_memory(W, params[name]) is False


@pytest.mark.parametrize("size", [1e-37, 1e-25, 1e-20, 1.0, 1e19, 1e25, 1e35])
def test_norms_of_float32_whose_squares_it_cannot_hold(size):
    """As float64 finds them for the same numbers."""
    u = (size * np.random.default_rng(0).normal(size=(3, 4, 5))).astype(np.float32)
    np.testing.assert_allclose(log10_norms(u), log10_norms(u.astype(float)), rtol=0.0, atol=1e-5)
