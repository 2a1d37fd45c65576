"""The LSTM: a second state c that is only multiplied by a gate and added to. Its gradient goes back the same way.

    i, f, o = σ(…)   g = tanh(…)        gates and candidate, each from its own block of columns of a
    c_t = f ∘ c_{t−1} + i ∘ g           h_t = o ∘ tanh(c_t)

Hochreiter & Schmidhuber (1997), Long short-term memory; forget gate: Gers, Schmidhuber & Cummins (2000). With f ≡ 1
it is the original constant error carousel. The state is h and c side by side, s = [h | c]; pages write a for all four
pre-activations [a_i | a_f | a_g | a_o].
"""

from __future__ import annotations

import numpy as np

from explorer.engine.activations import Activation, dtanh, sigmoid, sigmoid_with_slope, small_sigmoid
from explorer.engine.cells.contract import Cell, Params, columns, diagonal, in_blocks, through
from explorer.engine.cells.rnn import rnn_gradients


def lstm_step(
    params: Params, x: np.ndarray, s_prev: np.ndarray, activation: Activation
) -> tuple[np.ndarray, np.ndarray]:
    """x (N, D), s_prev (N, 2H) = [h_prev | c_prev] → s (N, 2H) = [h | c], a (N, 4H). It has no use for φ."""
    W_xh, W_hh, b_h = params["W_xh"], params["W_hh"], params["b_h"]
    H = s_prev.shape[-1] // 2
    h_prev, c_prev = s_prev[..., :H], s_prev[..., H:]
    a = x @ W_xh + h_prev @ W_hh + b_h
    i, f, _, o = columns(sigmoid(a), 4)  # one call for all columns is faster than three
    g = np.tanh(a[..., 2 * H : 3 * H])
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return np.concatenate((h, c), axis=-1), a


def lstm_gates(a: np.ndarray) -> dict[str, np.ndarray]:
    """i, f, g, o from a (..., N, 4H), each (..., N, H)."""
    a_i, a_f, a_g, a_o = columns(a, 4)
    return {"i": small_sigmoid(a_i), "f": small_sigmoid(a_f), "g": np.tanh(a_g), "o": small_sigmoid(a_o)}


def lstm_factors(a: np.ndarray, states: np.ndarray, activation: Activation) -> np.ndarray:
    """What backward multiplies by, six blocks of columns, for all steps at once:

    to a_i: g ∘ i′    a_f: c_{t−1} ∘ f′    a_g: i ∘ g′    a_o: tanh(c) ∘ o′    c_{t−1}: f    from c to h: o ∘ tanh′(c)

    a (T, ..., N, 4H), states (T+1, ..., N, 2H) → (T, ..., N, 6H). σ′ and tanh′ are taken at a and c: exact far out.
    """
    a_i, a_f, a_g, a_o = columns(a, 4)
    c_prev, c = columns(states[:-1], 2)[1], columns(states[1:], 2)[1]
    (i, di), (f, df), (o, do) = (sigmoid_with_slope(a_gate) for a_gate in (a_i, a_f, a_o))
    to_gates = np.tanh(a_g) * di, c_prev * df, i * dtanh(a_g), np.tanh(c) * do
    return np.concatenate((*to_gates, f, o * dtanh(c)), axis=-1)


def lstm_complete(ds: np.ndarray, factors: np.ndarray) -> None:
    """dc += dh ∘ o ∘ tanh′(c): c_t reaches the loss through h_t as well. In place; ds (N, 2H) = [dh | dc]."""
    H = ds.shape[-1] // 2
    dh, dc, c_to_h = ds[..., :H], ds[..., H:], factors[..., 5 * H :]
    dc += dh * c_to_h


def lstm_to_pre(ds: np.ndarray, factors: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """da_i = dc ∘ g ∘ i′,  da_f = dc ∘ c_{t−1} ∘ f′,  da_g = dc ∘ i ∘ g′,  da_o = dh ∘ tanh(c) ∘ o′.

    ds (..., N, 2H), complete → da (..., N, 4H).
    """
    H = ds.shape[-1] // 2
    dh, dc = ds[..., None, :H], ds[..., None, H:]
    to_ifg, to_o = in_blocks(factors, 6)[..., :3, :], in_blocks(factors, 6)[..., 3:4, :]
    da = np.empty((*np.broadcast_shapes(ds.shape[:-1], factors.shape[:-1]), 4 * H)) if out is None else out
    np.multiply(dc, to_ifg, out=in_blocks(da, 4)[..., :3, :])
    np.multiply(dh, to_o, out=in_blocks(da, 4)[..., 3:, :])
    return da


def lstm_carry(ds: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """The constant error carousel: dc_prev = dc ∘ f, and nothing for h. (..., N, 2H) → (..., N, 2H)."""
    dc, f = columns(ds, 2)[1], columns(factors, 6)[4]
    return np.concatenate((np.zeros_like(dc), dc * f), axis=-1)


def lstm_step_backward(
    params: Params, ds: np.ndarray, factors: np.ndarray, out: tuple = (None, None)
) -> tuple[np.ndarray, np.ndarray]:
    """Chain rule through one step: dh_prev = da W_hhᵀ, dc_prev = dc ∘ f (c_{t−1} with h_{t−1} held).

    ds (N, 2H) = [dh | dc], complete → ds_prev (N, 2H), not yet complete, and da (N, 4H) = ∂L/∂a_t.
    `out` may name the arrays that take the two results; ds itself may be the first.
    """
    H = ds.shape[-1] // 2
    da = lstm_to_pre(ds, factors, out=out[1])
    ds_prev = np.empty_like(ds) if out[0] is None else out[0]
    np.matmul(da, params["W_hh"].mT, out=ds_prev[..., :H])  # all four gates read h_prev
    np.multiply(ds[..., H:], factors[..., 4 * H : 5 * H], out=ds_prev[..., H:])  # only the forget gate is on this path
    return ds_prev, da


def lstm_jacobian(params: Params, factors: np.ndarray) -> np.ndarray:
    """∂s_t/∂s_{t−1} (..., N, 2H, 2H), by rows h_t (with c_t held) and c_t, by columns h_{t−1} and c_{t−1}:

    h_t reads h_{t−1} through o alone; c_t reads it through i, f and g, and c_{t−1} through f, on the diagonal.
    """
    to_i, to_f, to_g, to_o, f, _ = columns(factors, 6)
    W_i, W_f, W_g, W_o = columns(params["W_hh"], 4)
    from_h = through(to_o, W_o)
    H = f.shape[-1]
    J = np.zeros((*from_h.shape[:-2], 2 * H, 2 * H))
    J[..., :H, :H] = from_h
    J[..., H:, :H] = through(to_i, W_i) + through(to_f, W_f) + through(to_g, W_g)
    diagonal(J[..., H:, H:])[...] = f
    return J


def lstm_shapes(D: int, H: int) -> dict[str, tuple[int, ...]]:
    """W_xh (D, 4H), W_hh (H, 4H), b_h (4H,), gates i f g o side by side."""
    return {"W_xh": (D, 4 * H), "W_hh": (H, 4 * H), "b_h": (4 * H,)}


LSTM = Cell(
    lstm_step,
    lstm_factors,
    lstm_to_pre,
    lstm_step_backward,
    lstm_jacobian,
    rnn_gradients,  # a is one sum of products here too
    lstm_shapes,
    "LSTM",
    parts=("h", "c"),
    width=4,
    blocks=("i", "f", "g", "o"),
    candidate="g",
    keeper="f",
    gates=lstm_gates,
    complete=lstm_complete,
    carry=lstm_carry,
)
