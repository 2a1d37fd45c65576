from itertools import product

import numpy as np
import pytest

from explorer.engine.bptt import bptt
from explorer.engine.cells import CELLS
from explorer.engine.truncation import TRUNCATIONS, product_mask, randomised_keep
from tests.gradcheck import network


def rng(seed=0):
    return np.random.default_rng(seed)


class Drawn:
    """A generator whose uniform numbers are given."""

    def __init__(self, uniforms):
        self.uniforms = np.asarray(uniforms, float)

    def random(self, size):
        assert size == len(self.uniforms)
        return self.uniforms


def patterns(T, window):
    """Every cut pattern of T steps with its probability, as (weights (2^T,), keeps (2^T, T))."""
    c = 1.0 / window
    cuts = np.array(list(product([0, 1], repeat=T)))
    keeps = np.array([randomised_keep(T, window, Drawn(np.where(cut, c / 2, (1 + c) / 2))) for cut in cuts])
    return np.prod(np.where(cuts, c, 1.0 - c), axis=1), keeps


@pytest.mark.parametrize("name", TRUNCATIONS)
@pytest.mark.parametrize("window", [2, 3, 7, 50])
def test_masks_are_causal_with_ones_on_the_diagonal(name, window):
    """A loss always reaches its own state and never a later one."""
    mask = TRUNCATIONS[name].mask(12, window, rng())
    assert mask.shape == (12, 12)
    np.testing.assert_array_equal(np.diag(mask), 1.0)
    np.testing.assert_array_equal(mask, np.tril(mask))


@pytest.mark.parametrize("T", [1, 2, 9])
@pytest.mark.parametrize("window", [1, 2, 3, 9, 100])
@pytest.mark.parametrize(
    ("name", "reaches"),
    [
        ("full", lambda t, k, window: True),
        ("block", lambda t, k, window: t // window == k // window),
        ("sliding", lambda t, k, window: t - k < window),
    ],
)
def test_masks_are_their_definitions(name, reaches, window, T):
    """Entry by entry: 1 where the loss at t reaches the state at k ≤ t, else 0."""
    mask = TRUNCATIONS[name].mask(T, window, rng())
    for t, k in np.ndindex(T, T):
        assert mask[t, k] == (1.0 if k <= t and reaches(t, k, window) else 0.0)


@pytest.mark.parametrize("name", [name for name, how in TRUNCATIONS.items() if how.keep])
def test_mask_is_the_product_of_what_is_kept(name):
    """mask[t, k] = Π_{s=k+1…t} keep[s], by loops."""
    keep = TRUNCATIONS[name].keep(10, 3, rng())
    mask = TRUNCATIONS[name].mask(10, 3, rng())
    for t, k in np.ndindex(10, 10):
        assert mask[t, k] == pytest.approx(np.prod(keep[k + 1 : t + 1]) if k <= t else 0.0, rel=1e-14)


@pytest.mark.parametrize("T", [1, 2, 5, 8])
@pytest.mark.parametrize("window", [2, 3, 10])
def test_mean_mask_over_all_cut_patterns_is_full(T, window):
    """Exact enumeration of the 2^T patterns: probabilities sum to 1, and the mean of the masks is the full mask."""
    weights, keeps = patterns(T, window)
    mean = sum(w * product_mask(keep) for w, keep in zip(weights, keeps, strict=True))
    assert weights.sum() == pytest.approx(1.0, rel=1e-14)
    np.testing.assert_allclose(mean, np.tri(T), rtol=1e-13)


@pytest.mark.parametrize("window", [2, 4])
def test_randomised_gradient_is_unbiased(window):
    """The mean over all cut patterns of the truncated gradients is the full gradient, to 1e-12."""
    net = network(T=7)
    run = (net.params, net.xs, *net.ran(), CELLS["rnn"])
    weights, keeps = patterns(7, window)
    dhs, grads = bptt(*run, keeps.T)
    full_dhs, full_grads = bptt(*run, np.ones(7))
    np.testing.assert_allclose(np.einsum("v,tvnh->tnh", weights, dhs), full_dhs, rtol=1e-12, atol=1e-15)
    for name in ("W_xh", "W_hh", "b_h"):
        mean = np.tensordot(weights, grads[name], 1)
        np.testing.assert_allclose(mean, full_grads[name], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("window", [2, 3, 10])
def test_cut_with_probability_one_in_window(window):
    """P(cut) = 1/window exactly, over a grid of equally likely draws; the others are enlarged by 1/(1 − 1/window)."""
    keep = randomised_keep(60_000, window, Drawn((np.arange(60_000) + 0.5) / 60_000))
    assert (keep == 0.0).sum() == 60_000 // window
    np.testing.assert_allclose(keep[keep != 0.0], window / (window - 1.0), rtol=1e-15)
    assert keep.mean() == pytest.approx(1.0, rel=1e-13)


def test_randomised_draws_one_number_per_step():
    """A longer sequence extends the cut pattern of a shorter one; another seed gives another pattern."""
    long = randomised_keep(200, 4, rng())
    np.testing.assert_array_equal(long[:50], randomised_keep(50, 4, rng()))
    assert (long != randomised_keep(200, 4, rng(1))).any()


def test_shortest_windows():
    """A randomised window of 1 would cut everywhere and divide by 0; all others begin at 1."""
    assert {name: how.min_window for name, how in TRUNCATIONS.items() if how.min_window != 1} == {"randomised": 2}
