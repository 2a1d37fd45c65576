"""LSTM and GRU: their equations by loops over single numbers, limits that are known exactly, and PyTorch's answers."""

import math
from functools import partial

import numpy as np
import pytest

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, forward, readout
from explorer.engine.cells import CELLS, columns
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import LOSSES
from tests.gradcheck import backward, complex_step, differences, network, surrogate, worst

TANH = ACTIVATIONS["tanh"]
GATED = [name for name, cell in CELLS.items() if cell.gated]


def sigma(a):
    return 1.0 / (1.0 + math.exp(-a))


def summed(x, W, b, column):
    """Σ_d x_d W_d,column + b_column."""
    return sum(x[d] * W[d, column] for d in range(len(x))) + b[column]


def lstm_by_hand(p, x, s):
    """One sequence, one unit after the other: [h | c]."""
    H = len(s) // 2
    new = np.empty_like(s)
    for j in range(H):
        a_i, a_f, a_g, a_o = (
            summed(x, p["W_xh"], p["b_h"], gate * H + j) + summed(s[:H], p["W_hh"], 0 * p["b_h"], gate * H + j)
            for gate in range(4)
        )
        new[H + j] = sigma(a_f) * s[H + j] + sigma(a_i) * math.tanh(a_g)
        new[j] = sigma(a_o) * math.tanh(new[H + j])
    return new


def gru_by_hand(p, x, h):
    """One sequence, one unit after the other."""
    H, new = len(h), np.empty_like(h)
    for j in range(H):
        (x_r, h_r), (x_z, h_z), (x_n, h_n) = (
            (summed(x, p["W_xh"], p["b_xh"], block * H + j), summed(h, p["W_hh"], p["b_hh"], block * H + j))
            for block in range(3)
        )
        z, n = sigma(x_z + h_z), math.tanh(x_n + sigma(x_r + h_r) * h_n)
        new[j] = (1.0 - z) * n + z * h[j]
    return new


@pytest.mark.parametrize(("cell", "by_hand"), [("lstm", lstm_by_hand), ("gru", gru_by_hand)])
def test_forward_is_the_textbook_recurrence(cell, by_hand):
    """Every state against loops over single numbers, to 1e-12; and the activation of the settings changes nothing."""
    net = network(cell, T=6, N=2)
    states, _ = net.forward()
    for n in range(2):
        s = states[0, n]
        for t in range(6):
            s = by_hand(net.params, net.xs[t, n], s)
            np.testing.assert_allclose(states[t + 1, n], s, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(network(cell, "relu", T=6, N=2).forward()[0], states)


@pytest.mark.parametrize("cell", GATED)
def test_gates_are_what_the_states_are_made_of(cell):
    """c = f ∘ c_prev + i ∘ g and h = o ∘ tanh(c); h = (1 − z) ∘ n + z ∘ h_prev."""
    net = network(cell, T=6)
    states, pre = net.forward()
    parts, gates = CELLS[cell].split(states), CELLS[cell].gates(pre)
    if cell == "lstm":
        i, f, g, o = (gates[name] for name in "ifgo")
        np.testing.assert_allclose(parts["c"][1:], f * parts["c"][:-1] + i * g, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(parts["h"][1:], o * np.tanh(parts["c"][1:]), rtol=1e-13)
    else:
        r, z, n = (gates[name] for name in "rzn")
        assert (r > 0).all()
        np.testing.assert_allclose(parts["h"][1:], (1 - z) * n + z * parts["h"][:-1], rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("T", "N", "H"), [(1, 1, 1), (1, 3, 2), (7, 1, 1), (2, 4, 1)])
def test_corners_against_complex_steps(cell, T, N, H):
    """One step, one unit, one sequence: relative error < 1e-9."""
    net = network(cell, T=T, N=N, H=H)
    exact = differences(net, surrogate(net, "full"), complex_step)
    for answer in backward(net, "full").values():
        assert worst(answer, exact) < 1e-9


@pytest.mark.parametrize("cell", CELLS)
def test_results_in_given_arrays(cell):
    """step_backward with `out`, ds itself among them, gives what it gives in arrays of its own, bit for bit."""
    net, step = network(cell, N=3), CELLS[cell].step_backward
    states, factors, _ = net.ran()
    ds = np.random.default_rng(0).normal(size=states[0].shape)
    before = ds.copy()
    ds_prev, da = step(net.params, ds, factors[2])
    np.testing.assert_array_equal(ds, before)
    da_out = np.empty_like(da)
    assert step(net.params, ds, factors[2], out=(ds, da_out))[0] is ds
    np.testing.assert_array_equal(ds, ds_prev)
    np.testing.assert_array_equal(da_out, da)


@pytest.mark.parametrize("cell", GATED)
def test_the_carried_part_of_a_step_back(cell):
    """`carry` is what is left of a step back when no weight lets anything through."""
    net = network(cell, N=3)
    states, factors, _ = net.ran()
    ds = np.random.default_rng(0).normal(size=states[0].shape)
    blind = {**net.params, "W_hh": 0.0 * net.params["W_hh"]}
    ds_prev, _ = CELLS[cell].step_backward(blind, ds, factors[2])
    np.testing.assert_array_equal(CELLS[cell].carry(ds, factors[2]), ds_prev)


@pytest.mark.parametrize("T", [1, 50, 1000])
def test_lstm_with_forget_gates_at_one_carries_its_error_unchanged(T):
    """f ≡ 1, i ≡ 0, the output gate's columns of W_hh zero, a loss at the last step: c and dc never change, exactly."""
    net, H = network("lstm", T=T, N=2, loss_at="last"), 4
    params = {**net.params, "b_h": np.repeat([-800.0, 800.0, 0.1, 0.1], H)}
    params["W_hh"] = net.params["W_hh"].copy()
    columns(params["W_hh"], 4)[3][...] = 0.0
    c0 = np.random.default_rng(0).normal(size=(2, H))
    s0 = np.concatenate([np.zeros((2, H)), c0], axis=-1)
    states, pre = forward(params, net.xs, CELLS["lstm"], TANH, s0)
    gates = CELLS["lstm"].gates(pre)
    assert (gates["f"] == 1.0).all()
    assert (gates["i"] == 0.0).all()
    assert (states[:, :, H:] == c0).all()
    _, dys = LOSSES[net.loss](readout(params, states), net.targets, net.loss_mask)
    factors = CELLS["lstm"].factors(pre, states, TANH)
    dss, grads = bptt(params, net.xs, states, factors, dys, CELLS["lstm"], np.ones(T))
    dcs = dss[..., H:]
    assert dcs[-1].all()
    assert (dcs == dcs[-1]).all()
    flow, _ = gradient_flow(params, factors, dys, CELLS["lstm"])
    np.testing.assert_allclose(flow.log10_norms_c[-1], flow.log10_norms_c[-1, -1], rtol=0, atol=1e-13)
    assert (flow.log10_norms[-1, :-1] == -np.inf).all()
    assert all(np.isfinite(g).all() for g in grads.values())


@pytest.mark.parametrize("loss_at", ["last", "every"])
def test_gru_without_update_and_with_open_reset_is_a_vanilla_tanh_cell(loss_at):
    """z ≡ 0, r ≡ 1: states, ∂L/∂h, the gradients of n's weights and the flow are the RNN's; the gates get nothing."""
    T, H = 30, 5
    rnn, gru = network("rnn", "tanh", T=T, N=3, H=H, loss_at=loss_at), CELLS["gru"]
    none, b = np.zeros((3, 2 * H)), rnn.params["b_h"]
    params = {
        "W_xh": np.concatenate([none, rnn.params["W_xh"]], axis=1),
        "W_hh": np.concatenate([np.zeros((H, 2 * H)), rnn.params["W_hh"]], axis=1),
        "b_xh": np.concatenate([np.full(H, 800.0), np.full(H, -800.0), 0.25 * b]),
        "b_hh": np.concatenate([np.zeros(2 * H), 0.75 * b]),
        "W_hy": rnn.params["W_hy"],
        "b_y": rnn.params["b_y"],
    }
    states, pre = forward(params, rnn.xs, gru, TANH)
    gates = gru.gates(pre)
    assert (gates["z"] == 0.0).all()
    assert (gates["r"] == 1.0).all()
    rnn_states, slopes, dys = rnn.ran()
    np.testing.assert_allclose(states, rnn_states, rtol=1e-12, atol=1e-15)
    factors = gru.factors(pre, states, TANH)
    dhs, grads = bptt(params, rnn.xs, states, factors, dys, gru, np.ones(T))
    rnn_dhs, rnn_grads = bptt(rnn.params, rnn.xs, rnn_states, slopes, dys, CELLS["rnn"], np.ones(T))
    np.testing.assert_allclose(dhs, rnn_dhs, rtol=1e-11, atol=1e-15)
    for name, same in {"W_xh": "W_xh", "W_hh": "W_hh", "b_xh": "b_h", "b_hh": "b_h"}.items():
        d_r, d_z, d_n = columns(grads[name], 3)
        np.testing.assert_allclose(d_n, rnn_grads[same], rtol=1e-11, atol=1e-15)
        assert not d_r.any()
        assert not d_z.any()
    ours, theirs = (
        gradient_flow(p, f, dys, c)[0].log10_norms
        for p, f, c in ((params, factors, gru), (rnn.params, slopes, CELLS["rnn"]))
    )
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-11)


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("open_", [-300.0, -40.0, 40.0, 300.0])
def test_gates_nearly_shut_or_open_pass_on_the_right_share(cell, open_):
    """With W_hh = 0 a step back is the keeping gate alone, σ(±300) as well, where 1 − σ has long rounded to 0 or 1."""
    net, H = network(cell, T=4, N=1, loss_at="last"), 4
    keeper = CELLS[cell].blocks.index(CELLS[cell].keeper)
    params = {name: 0.0 * p if name in ("W_xh", "W_hh") else p for name, p in net.params.items()}
    bias = "b_h" if cell == "lstm" else "b_xh"
    params[bias] = np.full(len(CELLS[cell].blocks) * H, 0.3)
    columns(params[bias], len(CELLS[cell].blocks))[keeper][...] = open_
    params |= {"b_hh": 0.0 * net.params["b_hh"]} if cell == "gru" else {}
    states, pre = forward(params, net.xs, CELLS[cell], TANH)
    _, dys = LOSSES[net.loss](readout(params, states), net.targets, net.loss_mask)
    flow, _ = gradient_flow(params, CELLS[cell].factors(pre, states, TANH), dys, CELLS[cell])
    row = flow.log10_norms[-1] if cell == "gru" else flow.log10_norms_c[-1]
    expected = min(open_, 0.0) / math.log(10.0)  # log10 σ(a) ≈ a/ln 10 for a ≪ 0, and 0 for a ≫ 0
    np.testing.assert_allclose(np.diff(row), -expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kind", ["full", "block", "sliding"])
@pytest.mark.parametrize("seed", range(3))
def test_lstm_gradient_through_c_includes_its_own_h(kind, seed):
    """dcs is ∂L/∂c_t in total, also under truncation; complex step, entry by entry."""
    net = network("lstm", T=7, seed=seed)
    us, _ = differences(net, surrogate(net, kind), complex_step)
    for dss, _ in backward(net, kind).values():
        np.testing.assert_allclose(dss[..., 4:], us[..., 4:], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("N", [1, 3])
@pytest.mark.parametrize("cell", GATED)
def test_pytorch_agrees(cell, N):
    """nn.LSTM and nn.GRU with our weights: outputs and all gradients."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: `pip install torch` to compare with it")
    net = network(cell, T=12, N=N, H=5, weight_scale=1.3)
    module = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](3, 5, dtype=torch.float64)
    biases = ("b_h", None) if cell == "lstm" else ("b_xh", "b_hh")
    names = dict(
        zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"), ("W_xh", "W_hh", *biases), strict=True)
    )
    with torch.no_grad():
        for theirs, ours in names.items():
            getattr(module, theirs).copy_(torch.tensor(net.params[ours].T if ours else np.zeros(20)))
    W_hy, b_y = (torch.tensor(net.params[name], requires_grad=True) for name in ("W_hy", "b_y"))
    hs, _ = module(torch.tensor(net.xs))
    losses = torch.nn.functional.cross_entropy(
        (hs @ W_hy + b_y).flatten(0, 1), torch.tensor(net.targets).flatten(), reduction="none"
    )
    losses.view(12, N).mean(dim=1).sum().backward()
    states, factors, dys = net.ran()
    close = partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-13)
    close(CELLS[cell].split(states)["h"][1:], hs.detach().numpy())
    _, grads = bptt(net.params, net.xs, states, factors, dys, CELLS[cell], np.ones(12))
    for theirs, ours in names.items():
        if ours:
            close(grads[ours], getattr(module, theirs).grad.numpy().T)
    close(grads["W_hy"], W_hy.grad.numpy())
    close(grads["b_y"], b_y.grad.numpy())


@pytest.mark.parametrize("cell", GATED)
def test_pytorch_agrees_on_the_states_one_by_one(cell):
    """nn.LSTMCell and nn.GRUCell step by step: ∂L/∂h_t and ∂L/∂c_t of every step, retained by autograd."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: `pip install torch` to compare with it")
    net, T = network(cell, T=9, N=2, H=5), 9
    module = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}[cell](3, 5, dtype=torch.float64)
    b = [net.params["b_h"], np.zeros(20)] if cell == "lstm" else [net.params["b_xh"], net.params["b_hh"]]
    with torch.no_grad():
        for tensor, value in zip(module.parameters(), [net.params["W_xh"].T, net.params["W_hh"].T, *b], strict=True):
            tensor.copy_(torch.tensor(value))
    state, kept = (torch.zeros(2, 5, dtype=torch.float64),) * (2 if cell == "lstm" else 1), []
    for x in torch.tensor(net.xs):
        new = module(x, state if cell == "lstm" else state[0])
        state = new if cell == "lstm" else (new,)
        for part in state:
            part.retain_grad()
        kept.append(state)
    logits = torch.stack([s[0] for s in kept]) @ torch.tensor(net.params["W_hy"]) + torch.tensor(net.params["b_y"])
    losses = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), torch.tensor(net.targets).flatten(), reduction="none"
    )
    losses.view(T, 2).mean(dim=1).sum().backward()
    dss, _ = bptt(net.params, net.xs, *net.ran(), CELLS[cell], np.ones(T))
    for t, state in enumerate(kept):
        theirs = np.concatenate([part.grad.numpy() for part in state], axis=-1)
        np.testing.assert_allclose(dss[t], theirs, rtol=1e-10, atol=1e-14)
