import math
from fractions import Fraction

import numpy as np
import pytest

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, forward, readout, weight_gradients
from explorer.engine.cells import CELLS
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import LOSSES
from explorer.engine.norms import log10_norms
from explorer.engine.truncation import TRUNCATIONS, product_mask, sliding_mask
from tests.gradcheck import network

RNN = CELLS["rnn"]
VARIANTS = [*(("rnn", name) for name in ACTIVATIONS), ("lstm", "tanh"), ("gru", "tanh")]


def h_norms(*args, **options):
    """log10 ‖∂L_t/∂h_k‖ alone."""
    return gradient_flow(*args, **options)[0].log10_norms


def rng():
    return np.random.default_rng(0)


def exact_row(params, slopes, dys, t):
    """log10 ‖∂L_t/∂h_k‖ for k ≤ t in exact rational arithmetic: a float is a fraction, and nothing is rounded."""
    fractions = np.vectorize(Fraction, otypes=[object])
    W, W_hy, slopes = (fractions(u) for u in (params["W_hh"], params["W_hy"], slopes))
    row, norms = fractions(dys[t]) @ W_hy.T, []
    for k in range(t, -1, -1):
        square = (row * row).sum()
        # integers have logarithms at any size
        norms.append(0.5 * (math.log10(square.numerator) - math.log10(square.denominator)))
        row = (row * slopes[k]) @ W.T
    return np.array(norms[::-1])


@pytest.mark.parametrize(
    ("activation", "weight_scale", "T"),
    [("sigmoid", 0.1, 300), ("tanh", 64.0, 150), ("sigmoid", 64.0, 100), ("tanh", 5.0, 100), ("identity", 30.0, 100)],
)
def test_log_norms_against_exact_fractions(activation, weight_scale, T):
    """Two units: no rounding and no underflow in the reference, 1e-11 decades of difference allowed."""
    net = network("rnn", activation, "squared_error", weight_scale=weight_scale, T=T, H=2, N=1)
    _, slopes, dys = net.ran()
    flow = h_norms(net.params, slopes, dys, RNN)
    for t in (T - 1, T // 3, 0):
        np.testing.assert_allclose(flow[t, : t + 1], exact_row(net.params, slopes, dys, t), rtol=0, atol=1e-11)


@pytest.mark.parametrize("truncation", [name for name, how in TRUNCATIONS.items() if how.keep])
@pytest.mark.parametrize("window", [2, 5, 40])
@pytest.mark.parametrize(("cell", "activation"), VARIANTS)
@pytest.mark.parametrize("N", [1, 2])
def test_sweep_equals_recurrence(truncation, window, cell, activation, N):
    """δ_k = Σ_t mask[t, k] ∂L_t/∂s_k against one backward loop with `keep`: to 1e-10."""
    net, cell = network(cell, activation, T=40, H=8, N=N, weight_scale=1.5), CELLS[cell]
    hs, slopes, dys = net.ran()
    how = TRUNCATIONS[truncation]
    _, dhs = gradient_flow(net.params, slopes, dys, cell, how.mask(40, window, rng())[None])
    once, grads = bptt(net.params, net.xs, hs, slopes, dys, cell, how.keep(40, window, rng()))
    summed = weight_gradients(net.xs, hs, cell.to_pre(dhs[0], slopes), dys, cell)
    np.testing.assert_allclose(dhs[0], once, rtol=1e-10, atol=1e-10 * np.abs(once).max())
    for name, g in grads.items():
        np.testing.assert_allclose(summed[name], g, rtol=1e-10, atol=1e-10 * np.abs(g).max())


def test_sweep_with_several_masks_equals_one_at_a_time():
    """Truncations share one sweep without touching each other."""
    net = network(T=20, H=8)
    _, slopes, dys = net.ran()
    masks = np.stack([how.mask(20, 4, rng()) for how in TRUNCATIONS.values()])
    _, together = gradient_flow(net.params, slopes, dys, RNN, masks)
    for m, mask in enumerate(masks):
        np.testing.assert_allclose(
            together[m], gradient_flow(net.params, slopes, dys, RNN, mask[None])[1][0], rtol=1e-13
        )


@pytest.mark.parametrize(("cell", "activation"), VARIANTS)
@pytest.mark.parametrize("N", [1, 3])
def test_rows_equal_one_bptt_per_loss(cell, activation, N):
    """Row t of the log norms against the full gradient of L_t alone, through h and through c."""
    net, cell = network(cell, activation, T=12, N=N), CELLS[cell]
    states, factors, dys = net.ran()
    flow, _ = gradient_flow(net.params, factors, dys, cell)
    found = [flow.log10_norms] if flow.log10_norms_c is None else [flow.log10_norms, flow.log10_norms_c]
    assert len(found) == len(cell.parts)
    for t in range(12):
        alone = dys * np.eye(12)[t][:, None, None]
        dss, _ = bptt(net.params, net.xs, states, factors, alone, cell, np.ones(12))
        for norms, part in zip(found, cell.split(dss).values(), strict=True):
            np.testing.assert_allclose(norms[t], log10_norms(part), rtol=0, atol=1e-12)


@pytest.mark.parametrize("T", [1, 2, 30])
def test_above_the_diagonal_is_exactly_zero(T):
    """A loss never reaches a later state: [t, k] = −inf for k > t, finite for k ≤ t."""
    net = network(T=T)
    flow = h_norms(net.params, *net.ran()[1:], RNN)
    assert flow.shape == (T, T)
    assert (flow[np.triu_indices(T, 1)] == -np.inf).all()
    assert np.isfinite(flow[np.tril_indices(T)]).all()


@pytest.mark.parametrize("T", [1, 7, 60])
def test_last_only_is_the_last_row(T):
    """The row of the last loss carried alone is row T of the whole sweep."""
    net = network(T=T, H=8, weight_scale=0.01)
    _, slopes, dys = net.ran()
    whole = h_norms(net.params, slopes, dys, RNN)
    alone = h_norms(net.params, slopes, dys, RNN, last_only=True)
    assert alone.shape == (1, T)
    np.testing.assert_allclose(alone[0], whole[-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_last_only_applies_the_last_row_of_a_mask(truncation):
    """With a loss at the end only, the sweep of one row and the sweep of all give the same truncated gradient."""
    net = network(T=15)
    _, slopes, dys = net.ran()
    mask = TRUNCATIONS[truncation].mask(15, 4, rng()) * np.eye(15)[-1][:, None]
    _, whole = gradient_flow(net.params, slopes, dys, RNN, mask[None])
    _, alone = gradient_flow(net.params, slopes, dys, RNN, mask[None], last_only=True)
    np.testing.assert_allclose(alone, whole, rtol=1e-13)


@pytest.mark.parametrize("truncation", [name for name in TRUNCATIONS if name != "randomised"])
@pytest.mark.parametrize("window", [25, 26, 1000])
def test_window_of_T_or_more_is_full(truncation, window):
    """Bit for bit; the randomised truncation is full in the mean only."""
    net = network(T=25)
    _, slopes, dys = net.ran()
    masks = [TRUNCATIONS[name].mask(25, window, rng())[None] for name in ("full", truncation)]
    full, cut = (gradient_flow(net.params, slopes, dys, RNN, mask)[1] for mask in masks)
    np.testing.assert_array_equal(cut, full)


def test_window_of_one_is_the_own_loss_under_block_and_sliding():
    """Nothing comes back from later steps: dh_t = ∂L_t/∂h_t, and both kinds agree bit for bit."""
    net = network(T=25)
    _, slopes, dys = net.ran()
    block, sliding = (TRUNCATIONS[name].mask(25, 1, rng()) for name in ("block", "sliding"))
    np.testing.assert_array_equal(block, sliding)
    _, dhs = gradient_flow(net.params, slopes, dys, RNN, block[None])
    np.testing.assert_allclose(dhs[0], dys @ net.params["W_hy"].T, rtol=1e-14)


def test_sigmoid_line_goes_on_past_underflow():
    """T = 300, weight scale 0.1: straight down from the first step to the last, hundreds of decades below 1e-308."""
    net = network(activation="sigmoid", T=300, H=16, weight_scale=0.1, loss_at="every", N=1)
    _, slopes, dys = net.ran()
    row = h_norms(net.params, slopes, dys, RNN)[-1]
    steps = np.arange(300)
    slope, start = np.polyfit(steps, row, 1)
    assert np.isfinite(row).all()
    assert row[0] < -308 - 100
    assert slope > 1.0  # decades per step
    assert np.abs(row - (start + slope * steps)).max() < 3.0 * slope


def test_far_terms_may_overflow_without_touching_near_ones():
    """A chain that grows past 1e308: its logarithms go on, and a window that cuts it off is finite and right."""
    T = 120
    net = network(activation="identity", init="orthogonal", T=T, weight_scale=1.0)
    _, slopes, dys = net.ran()
    steep = {**net.params, "W_hh": 1e4 * net.params["W_hh"]}
    flow, dhs = gradient_flow(steep, slopes, dys, RNN, sliding_mask(T, 5, rng())[None])
    np.testing.assert_allclose(np.diff(flow.log10_norms[-1]), -4.0, atol=1e-9)
    assert flow.log10_norms[-1, 0] > 400
    assert np.isfinite(dhs).all()
    _, short = gradient_flow(steep, slopes[-5:], dys[-5:], RNN, np.tri(5)[None])
    np.testing.assert_allclose(dhs[0, -5:], short[0], rtol=1e-12)


def test_a_loss_that_sends_nothing_is_a_row_of_zeros():
    """∂L_t/∂y_t = 0 gives −inf in all of its row, and leaves the other rows alone."""
    net = network(T=10)
    _, slopes, dys = net.ran()
    whole = h_norms(net.params, slopes, dys, RNN)
    dys[4] = 0.0
    flow = h_norms(net.params, slopes, dys, RNN)
    assert (flow[4] == -np.inf).all()
    np.testing.assert_array_equal(np.delete(flow, 4, axis=0), np.delete(whole, 4, axis=0))


@pytest.mark.parametrize("last_only", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_leading_axes_equal_single_runs_bit_for_bit(cell, last_only):
    """Several weight scales in one sweep: log norms and truncated gradients of each are those of its own sweep."""
    net, cell, scales, T = network(cell, T=60, H=16, N=2), CELLS[cell], np.array([0.01, 1.0, 16.0]), 60
    mask = (sliding_mask(T, 7, rng()) * (np.eye(T)[-1][:, None] if last_only else 1.0))[None]

    def swept(W_hh, xs, targets, loss_mask):
        params = {**net.params, "W_hh": W_hh}
        states, pre = forward(params, xs, cell, ACTIVATIONS["tanh"])
        _, dys = LOSSES[net.loss](readout(params, states), targets, loss_mask)
        factors = cell.factors(pre, states, ACTIVATIONS["tanh"])
        return gradient_flow(params, factors, dys, cell, mask, last_only)

    batch = scales[:, None, None] * net.params["W_hh"]
    flow, dss = swept(batch, net.xs[:, None], net.targets[:, None], net.loss_mask[:, None])
    for s, scale in enumerate(scales):
        one_flow, one_dss = swept(scale * net.params["W_hh"], net.xs, net.targets, net.loss_mask)
        np.testing.assert_array_equal(flow.log10_norms[s], one_flow.log10_norms)
        if len(cell.parts) > 1:
            np.testing.assert_array_equal(flow.log10_norms_c[s], one_flow.log10_norms_c)
        np.testing.assert_array_equal(dss[:, :, s], one_dss)


def test_arguments_are_left_alone():
    """The sweep rescales rows of its own, never what it is given."""
    net = network(T=50, weight_scale=1e-3)
    _, slopes, dys = net.ran()
    slopes.setflags(write=False)
    dys.setflags(write=False)
    gradient_flow(net.params, slopes, dys, RNN, product_mask(np.ones(50))[None])
