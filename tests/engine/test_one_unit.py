"""One unit and its wall: the surface and its gradient against differences, and what a clipped descent may do."""

import math

import numpy as np
import pytest

from explorer.engine.activations import dsigmoid, sigmoid
from explorer.engine.clipping import clip_by_global_norm
from explorer.engine.one_unit import START, WALL_FROM, T, descend, error, fixed_points, gradient, states, wall

POINTS = [(5.5, -2.6), (4.0, -1.9), (3.5, -3.6), (6.5, -1.4), (5.0, -2.62), (4.3, -2.2), (0.0, 0.3), (-6.0, 3.0)]


def by_hand(w, b):
    """E in plain Python, w and b real or complex."""
    x = 0.5
    for _ in range(50):
        x = w / (1 + np.exp(-x)) + b
    return (1 / (1 + np.exp(-x)) - 0.7) ** 2


def clipper(threshold):
    return lambda g: clip_by_global_norm({"g": g}, threshold)["g"]


@pytest.mark.parametrize(("w", "b"), POINTS)
def test_the_surface_is_the_formula(w, b):
    assert error(w, b) == pytest.approx(by_hand(w, b), rel=1e-9)
    assert states(w, b).shape == (51,)


@pytest.mark.parametrize(("w", "b"), POINTS)
def test_the_gradient_against_complex_steps(w, b):
    """Im E(w + iε, b)/ε and Im E(w, b + iε)/ε."""
    exact = by_hand(w + 1e-30j, b).imag / 1e-30, by_hand(w, b + 1e-30j).imag / 1e-30
    assert gradient(w, b) == (pytest.approx(exact[0], rel=1e-9), pytest.approx(exact[1], rel=1e-9))


def test_a_grid_is_one_call():
    w, b = np.meshgrid(np.linspace(3.5, 6.5, 7), np.linspace(-3.6, -1.4, 5))
    E, (dw, db) = error(w, b), gradient(w, b)
    for i in np.ndindex(5, 7):
        assert (E[i], dw[i], db[i]) == (error(w[i], b[i]), *gradient(w[i], b[i]))


@pytest.mark.parametrize("w", [4.6, 5.0, 5.5, 6.0, 6.5])
def test_the_wall_stands_where_the_start_is_a_repelling_fixed_point(w):
    """E jumps across it, nowhere else as steeply; on it, every step back multiplies by the same factor, w σ′(½)."""
    at = float(wall(np.array(w)))
    assert w * sigmoid(np.array(START)) + at == pytest.approx(START)
    assert w * dsigmoid(np.array(START)) > 1.0
    b = np.linspace(-3.6, -1.4, 4001)
    E = error(np.full_like(b, w), b)
    steepest = 0.5 * (b[1:] + b[:-1])[np.abs(np.diff(E)).argmax()]
    assert steepest == pytest.approx(at, abs=0.01)
    assert abs(error(w, at + 0.02) - error(w, at - 0.02)) > 0.2
    s, factor = sigmoid(np.array(START)), float(w * dsigmoid(np.array(START)))
    dw, db = gradient(w, at)
    assert db == pytest.approx(2 * (s - 0.7) * s * (1 - s) * (factor**50 - 1) / (factor - 1), rel=1e-6)
    assert dw == pytest.approx(s * db, rel=1e-6)
    assert abs(db) > 50 * abs(gradient(w, at + 0.1)[1])


def test_no_wall_below_its_beginning():
    """WALL_FROM is where w σ′(½) = 1. Without three fixed points (w < 4) no gradient is large."""
    assert WALL_FROM * float(dsigmoid(np.array(START))) == pytest.approx(1.0)
    b = np.linspace(-3.6, -1.4, 2001)
    assert np.hypot(*gradient(np.full_like(b, 3.5), b)).max() < 2.0
    assert np.hypot(*gradient(np.full_like(b, 5.0), b)).max() > 50.0


@pytest.mark.parametrize("w", [3.0, 5.0, 6.5])
def test_fixed_points_stay_where_they_are_and_attract_as_marked(w):
    x = np.linspace(-4.2, 4.2, 85)
    b, attracts = fixed_points(w, x)
    np.testing.assert_allclose(w * sigmoid(x) + b, x, atol=1e-14)
    nudged = x + 1e-6
    np.testing.assert_array_equal(np.abs(w * sigmoid(nudged) + b - x) < 1e-6 * (1 - 1e-9), attracts)
    assert attracts.all() == (w <= 4.0)


@pytest.mark.parametrize("threshold", [0.01, 0.5, 100.0])
@pytest.mark.parametrize(("w", "b"), [(5.5, -2.6), (5.0, -2.2), (4.5, -2.31), (6.0, -3.2)])
def test_a_clipped_descent_never_moves_more_than_rate_times_threshold(w, b, threshold):
    path = descend(w, b, 60, 0.2, clipper(threshold))
    moved = np.hypot(np.diff(path.w), np.diff(path.b))
    assert (moved <= 0.2 * threshold * (1 + 1e-12)).all()
    np.testing.assert_allclose(moved, path.moved[:-1], rtol=1e-9, atol=1e-15)
    assert np.isfinite(path.error).all()


def test_a_descent_follows_the_gradient():
    path = descend(5.5, -2.6, 3, 0.2)
    w, b = 5.5, -2.6
    for n in range(4):
        g = gradient(w, b)
        assert (path.w[n], path.b[n], path.error[n]) == (w, b, error(w, b))
        assert path.norm[n] == math.hypot(*g)
        w, b = w - 0.2 * g[0], b - 0.2 * g[1]


def test_without_clipping_the_wall_throws_and_with_it_it_does_not():
    """What the page opens with."""
    raw, clipped = descend(5.5, -2.6, 60, 0.2), descend(5.5, -2.6, 60, 0.2, clipper(0.5))
    assert raw.moved.max() > 100
    assert raw.error[-1] > 5 * clipped.error[-1]
    assert T == 50
