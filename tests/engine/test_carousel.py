"""The two kinds of paths back through a gated cell: they add up, and each is what its words say."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.carousel import paths
from explorer.engine.cells import CELLS
from explorer.engine.losses import LOSSES
from explorer.engine.norms import log10_norms
from explorer.run import paths_of, run
from tests.gradcheck import COMPLEX_STEP, network

GATED = [name for name, cell in CELLS.items() if cell.gated]
LAST = Config(loss_at="last", sequence_length=60, hidden_size=8, batch_size=2, truncation="full", clip="none")


def memory(trace):
    """∂L/∂c_t of the LSTM, ∂L/∂h_t of the GRU; its logarithms' last row."""
    if trace.cs is None:
        return trace.full.dhs, trace.last_row
    return trace.full.dcs, trace.last_row_c


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("forget_bias", [-4.0, 0.0, 1.0, 6.0])
@pytest.mark.parametrize("weight_scale", [0.3, 1.0, 5.0])
def test_the_two_add_up_to_the_total(cell, forget_bias, weight_scale):
    """At every step, to 1e-12 of its size."""
    trace = run(replace(LAST, cell=cell, forget_bias=forget_bias, weight_scale=weight_scale))
    split, (total, _) = paths_of(trace), memory(trace)
    for carousel, gates, whole in zip(split.carousel, split.gates, total, strict=True):
        size = max(np.abs(carousel).max(), np.abs(gates).max())
        np.testing.assert_allclose(carousel + gates, whole, rtol=0, atol=1e-12 * size)
    np.testing.assert_allclose(split.log10_carousel, log10_norms(split.carousel), rtol=0, atol=1e-12)
    np.testing.assert_allclose(split.log10_gates, log10_norms(split.gates), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("t", [0, 1, 17])
def test_any_loss_can_be_split(cell, t):
    """The loss at t alone: the sum's norm is row t of the flow."""
    trace = run(replace(LAST, cell=cell))
    split = paths_of(trace, t)
    norms = trace.flow.log10_norms if trace.cs is None else trace.flow.log10_norms_c
    np.testing.assert_allclose(log10_norms(split.carousel + split.gates), norms[t, : t + 1], rtol=0, atol=1e-11)


@pytest.mark.parametrize("cell", GATED)
def test_the_carousel_is_the_product_of_the_keeping_gates(cell):
    """What the memory gets at the last step, times f (or z) of every later step, by a loop."""
    trace = run(replace(LAST, cell=cell))
    split, (total, _) = paths_of(trace), memory(trace)
    expected = total[-1]
    for k in range(59, -1, -1):
        np.testing.assert_allclose(split.carousel[k], expected, rtol=1e-12)
        expected = expected * trace.gates[trace.cell.keeper][k]
    assert not split.gates[-1].any()


@pytest.mark.parametrize("cell", GATED)
def test_the_carousel_is_the_derivative_with_all_other_paths_frozen(cell):
    """Complex step through equations in which W_hh reads the states of a run made beforehand."""
    net, H, k = network(cell, T=6, N=1, loss_at="last"), 4, 2
    states, factors, dys = net.ran()
    split = paths(net.params, factors, dys[-1], CELLS[cell])
    frozen = CELLS[cell].split(states)["h"]
    gates = CELLS[cell].gates(net.forward()[1])
    for j in range(H):
        m = CELLS[cell].split(states)[CELLS[cell].parts[-1]][k + 1].astype(complex)
        m[0, j] += 1j * COMPLEX_STEP
        for t in range(k + 1, 6):
            if cell == "lstm":
                m = gates["f"][t] * m + gates["i"][t] * gates["g"][t]
            else:
                m = gates["z"][t] * m + (1.0 - gates["z"][t]) * gates["n"][t]
        h = gates["o"][-1] * np.tanh(m) if cell == "lstm" else m
        np.testing.assert_allclose(h.real, frozen[-1], rtol=1e-12)
        loss, _ = LOSSES[net.loss]((h @ net.params["W_hy"] + net.params["b_y"])[None], net.targets[-1:], np.ones(1))
        assert split.carousel[k, 0, j] == pytest.approx(loss[0].imag / COMPLEX_STEP, rel=1e-11)


@pytest.mark.parametrize("cell", GATED)
def test_without_recurrent_weights_there_is_only_the_carousel(cell):
    """Weight scale 0: the gates' part is exactly 0 everywhere."""
    split = paths_of(run(replace(LAST, cell=cell, weight_scale=0.0)))
    assert not split.gates.any()
    assert (split.log10_gates == -np.inf).all()
    assert np.isfinite(split.log10_carousel).all()


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("forget_bias", [-30.0, -10.0, 3.0])
def test_logarithms_go_on_past_underflow(cell, forget_bias):
    """T = 400: the carousel's are sums of log10 of gates; where one kind is all there is, it is the flow's row."""
    config = replace(LAST, cell=cell, forget_bias=forget_bias, sequence_length=400, hidden_size=1, batch_size=1)
    trace = run(config)
    split, (_, row) = paths_of(trace), memory(trace)
    gate = np.log10(trace.gates[trace.cell.keeper][:, 0, 0])
    expected = split.log10_carousel[-1] + np.append(np.cumsum(gate[:0:-1])[::-1], 0.0)
    np.testing.assert_allclose(split.log10_carousel, expected, rtol=1e-12, atol=1e-11)
    larger = np.maximum(split.log10_carousel, split.log10_gates)
    clear = np.abs(split.log10_carousel - split.log10_gates) > 15.0
    np.testing.assert_allclose(larger[clear], row[clear], rtol=1e-12, atol=1e-11)
    if forget_bias == -30.0:
        assert split.log10_carousel[0] < -4000.0


@pytest.mark.parametrize("cell", GATED)
def test_leading_axes_equal_single_calls(cell):
    """Two networks at once, bit for bit."""
    nets = [network(cell, T=30, N=2, weight_scale=scale) for scale in (0.1, 6.0)]
    ran = [net.ran() for net in nets]
    params = {**nets[0].params, "W_hh": np.stack([net.params["W_hh"] for net in nets])}
    both = paths(params, np.stack([f for _, f, _ in ran], axis=1), np.stack([dys[-1] for *_, dys in ran]), CELLS[cell])
    for s, (net, (_, factors, dys)) in enumerate(zip(nets, ran, strict=True)):
        one = paths(net.params, factors, dys[-1], CELLS[cell])
        for name in ("carousel", "gates", "log10_carousel", "log10_gates"):
            np.testing.assert_array_equal(getattr(both, name)[:, s], getattr(one, name))


def test_the_vanilla_cell_has_no_such_split():
    """ValueError that says what to do."""
    net = network()
    with pytest.raises(ValueError, match="choose a gated cell"):
        paths(net.params, ACTIVATIONS["tanh"].dphi(net.forward()[1]), net.ran()[2][-1], CELLS["rnn"])
