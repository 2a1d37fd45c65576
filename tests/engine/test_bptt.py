import numpy as np
import pytest

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, forward, readout
from explorer.engine.cells import CELLS
from explorer.engine.losses import LOSSES
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import INITS
from tests.gradcheck import backward, central, complex_step, differences, network, surrogate, worst

every = {
    "cell": list(CELLS),
    "activation": list(ACTIVATIONS),
    "loss": list(LOSSES),
    "truncation": list(TRUNCATIONS),
    "init": list(INITS),
}


def over(*names):
    """Parametrise by all entries of the registries named."""

    def decorate(test):
        for name in names:
            test = pytest.mark.parametrize(name, every[name])(test)
        return test

    return decorate


def check(net, truncation, difference, tolerance, window=3, seed=0):
    """All ways in which the engine computes this gradient against a difference of its surrogate loss."""
    exact = differences(net, surrogate(net, truncation, window, seed), difference)
    for way, answer in backward(net, truncation, window, seed).items():
        assert worst(answer, exact) < tolerance, way


@pytest.mark.parametrize(("loss_at", "N"), [("last", 1), ("every", 3)])
@over("cell", "activation", "loss", "truncation", "init")
def test_gradients_against_complex_steps(cell, activation, loss, truncation, init, loss_at, N):
    """Parameter gradients and dhs, every combination, frozen states, complex step: relative error < 1e-7."""
    check(network(cell, activation, loss, init, loss_at, N=N), truncation, complex_step, 1e-7)


@over("cell", "activation", "loss", "truncation")
def test_gradients_against_central_differences(cell, activation, loss, truncation):
    """The same by central differences, which need no complex arithmetic: relative error < 1e-7."""
    net = network(cell, activation, loss)
    assert np.abs(net.forward()[1]).min() > 1e-3  # far from relu's kink
    check(net, truncation, central, 1e-7)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("window", [1, 2, 4, 5, 9])
@over("cell", "truncation")
def test_windows_and_seeds_against_complex_steps(cell, truncation, window, seed):
    """Windows that divide T, that do not, and that exceed it; several cut patterns; complex step."""
    window = max(window, TRUNCATIONS[truncation].min_window)
    check(network(cell, seed=seed, T=8, N=1), truncation, complex_step, 1e-7, window, seed)


@over("cell", "activation", "truncation")
def test_saturated_gradients_against_complex_steps(cell, activation, truncation):
    """At weight scale 64 most units are saturated: the small gradients left are right; complex step."""
    check(network(cell, activation, weight_scale=64.0, H=3), truncation, complex_step, 1e-7)


@over("activation")
def test_forward_is_the_textbook_recurrence(activation):
    """h_t and a_t against loops over single numbers."""
    net = network(activation=activation, N=2)
    W_xh, W_hh, b_h = (net.params[name] for name in ("W_xh", "W_hh", "b_h"))
    hs, pre = net.forward()
    assert not hs[0].any()
    for t, n, j in np.ndindex(pre.shape):
        a = sum(net.xs[t, n, d] * W_xh[d, j] for d in range(3)) + sum(hs[t, n, i] * W_hh[i, j] for i in range(4))
        assert pre[t, n, j] == pytest.approx(a + b_h[j], rel=1e-13)
        assert hs[t + 1, n, j] == ACTIVATIONS[activation].phi(pre[t, n, j])


@over("cell")
def test_forward_continues_from_any_state(cell):
    """Two halves, the second from the first's last state, are the whole."""
    net = network(cell, T=8)
    hs, pre = net.forward()
    later, later_pre = net.forward(xs=net.xs[3:], s0=hs[3])
    np.testing.assert_array_equal(later, hs[3:])
    np.testing.assert_array_equal(later_pre, pre[3:])


@pytest.mark.parametrize(
    ("cell", "activation"), [*(("rnn", name) for name in ACTIVATIONS), ("lstm", "tanh"), ("gru", "tanh")]
)
@pytest.mark.parametrize("N", [1, 3])
def test_leading_axes_equal_single_runs_bit_for_bit(cell, activation, N):
    """Several weight scales in one batched call: hs, dhs and every gradient of each are those of its own run."""
    net, scales = network(cell, activation, N=N, T=40, H=16), np.array([0.3, 1.0, 16.0])
    cell, phi = CELLS[cell], ACTIVATIONS[activation]

    def everything(W_hh, xs, targets, mask):
        params = {**net.params, "W_hh": W_hh}
        hs, pre = forward(params, xs, cell, phi)
        _, dys = LOSSES[net.loss](readout(params, hs), targets, mask)
        return hs, *bptt(params, xs, hs, cell.factors(pre, hs, phi), dys, cell, np.ones(len(xs)))

    with np.errstate(all="ignore"):  # relu may overflow at scale 16; then both must
        batch = scales[:, None, None] * net.params["W_hh"]
        hs, dhs, grads = everything(batch, net.xs[:, None], net.targets[:, None], net.loss_mask[:, None])
        for s, scale in enumerate(scales):
            one_hs, one_dhs, one_grads = everything(scale * net.params["W_hh"], net.xs, net.targets, net.loss_mask)
            np.testing.assert_array_equal(hs[:, s], one_hs)
            np.testing.assert_array_equal(dhs[:, s], one_dhs)
            for name in one_grads:
                np.testing.assert_array_equal(grads[name][s], one_grads[name])


@over("cell")
@pytest.mark.parametrize("N", [1, 2])
def test_variants_of_keep_equal_single_calls(cell, N):
    """keep (T, V): V truncations at once give what V calls give, to 1e-12."""
    net, cell = network(cell, T=12, N=N), CELLS[cell]
    hs, slopes, dys = net.ran()
    keep = np.random.default_rng(0).uniform(0.0, 2.0, size=(12, 5))
    dhs, grads = bptt(net.params, net.xs, hs, slopes, dys, cell, keep)
    for v in range(5):
        one, one_grads = bptt(net.params, net.xs, hs, slopes, dys, cell, keep[:, v])
        np.testing.assert_allclose(dhs[:, v], one, rtol=1e-12, atol=1e-16)
        for name in cell.shapes(3, 4):
            np.testing.assert_allclose(grads[name][v], one_grads[name], rtol=1e-11, atol=1e-15)


@over("cell", "truncation")
def test_truncation_is_exactly_zero_beyond_its_window(cell, truncation):
    """With one loss at the end, what a window of 3 cuts off is 0, not small; full truncation cuts nothing."""
    if truncation == "randomised":
        pytest.skip("its cuts are random")
    net = network(cell, loss_at="last", T=12)
    for dhs, _ in backward(net, truncation, window=3).values():
        reached = np.flatnonzero(np.abs(dhs).max(axis=(1, 2)))
        assert len(reached) == (12 if truncation == "full" else 3)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_an_overflow_stops_at_a_cut():
    """A chain that leaves float64 inside the last block leaves the blocks before it at exactly 0: 0 · ∞ is 0 here."""
    net = network(activation="identity", init="orthogonal", loss_at="last", T=20)
    hs, pre = net.forward()
    _, dys = LOSSES[net.loss](readout(net.params, hs), net.targets, net.loss_mask)
    steep = {**net.params, "W_hh": 1e40 * net.params["W_hh"]}
    keep = TRUNCATIONS["block"].keep(20, 10, np.random.default_rng(0))
    dhs, _ = bptt(steep, net.xs, hs, np.ones_like(pre), dys, CELLS["rnn"], keep)
    assert not np.isfinite(dhs[10]).all()
    assert not dhs[:10].any()
