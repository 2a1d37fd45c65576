"""The loops of `bptt.py` once more, for training: the same numbers, and nothing is made on the way.

`bptt.py` is the lesson, and free: any number of networks, complex numbers, several truncations at once. Training makes
one update thousands of times. Here its arrays are written to again and again (memory that is new costs as much as the
arithmetic on it), the inputs' share x_t W_xh + b of every step is one product, and slopes are taken from the outputs,
as frameworks do: tanh′(a) = 1 − h². Where h rounds to ±1 that is 0, and in truth below 10⁻¹⁶ (float32: 10⁻⁷).

σ(a) = ½ + ½ tanh(a/2), so all gates of a step are one tanh: scale · tanh(scale · a) + shift, where scale is ½ and shift
is ½ in the columns of a gate, 1 and 0 in those of a candidate. The scale is put into the weights, once per update.

    forward(params, xs, states, activation, array)   fills states[1:], each part (T+1, N, H) → the tape for backward
    backward(params, tape, dhs, keep)   makes dhs (T, N, H), each step's own at first, the total → das (T, N, P)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Activation
from explorer.engine.bptt import rows, weight_gradients
from explorer.engine.cells import Cell, Params
from explorer.engine.cells.contract import columns, in_blocks
from explorer.engine.cells.gru import GRU
from explorer.engine.cells.lstm import LSTM
from explorer.engine.cells.rnn import RNN

Tape = tuple[np.ndarray, ...]


class Arrays:
    """Arrays by name, each made when it is first asked for in a shape, then handed out again with its old content."""

    def __init__(self, dtype: np.dtype):
        self.dtype = dtype
        self.made: dict[str, np.ndarray] = {}

    def __call__(self, name: str, *shape: int) -> np.ndarray:
        if name not in self.made or self.made[name].shape != shape:
            self.made[name] = np.empty(shape, self.dtype)
        return self.made[name]

    def clear(self) -> None:
        """Let the memory go; what is asked for next is made anew."""
        self.made.clear()


@dataclass(frozen=True)
class Loops:
    """The two loops of a cell."""

    forward: Callable[..., Tape]
    backward: Callable[..., np.ndarray]


def in_place(
    cell: Cell, params: Params, xs: np.ndarray, activation: Activation, s: np.ndarray | None, array: Arrays
) -> tuple[np.ndarray, np.ndarray, Callable]:
    """Forward → hs (T+1, N, H), the last state (N, S), and backward(dys, keep) → dhs, gradients: once, it uses them up.

    hs and dhs are overwritten by the next call with the same `array`.
    """
    (T, N, _), H = xs.shape, len(params["W_hh"])
    states = tuple(array(part, T + 1, N, H) for part in cell.parts)
    s_0 = np.zeros((N, H * len(states))) if s is None else s
    for part, its_columns in zip(states, columns(s_0, len(states)), strict=True):
        part[0] = its_columns
    tape = LOOPS[cell].forward(params, xs, states, activation, array)
    hs = states[0]

    def backward(dys: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, Params]:
        """dys (T, N, O), keep (T,)."""
        dhs = array("dhs", T, N, H)
        np.dot(rows(dys), params["W_hy"].T, out=rows(dhs))
        das = LOOPS[cell].backward(params, tape, dhs, keep)
        return dhs, weight_gradients(xs, hs, das, dys, cell)

    return hs, np.concatenate([part[-1] for part in states], axis=-1), backward


def from_inputs(xs: np.ndarray, W_xh: np.ndarray, b: np.ndarray, array: Arrays) -> np.ndarray:
    """x_t W_xh + b for all steps. (T, N, D) → (T, N, P)."""
    T, N, D = xs.shape
    product = array("from_inputs", T * N, W_xh.shape[1])
    np.dot(xs.reshape(T * N, D), W_xh, out=product)
    product += b
    return product.reshape(T, N, -1)


def cut(going_back: np.ndarray, keep: float) -> None:
    """What step t sends back times keep_t, in place; a cut edge passes nothing on, not even an overflow."""
    if keep == 0.0:
        going_back[...] = 0.0
    elif keep != 1.0:
        going_back *= keep


def writing_over(phi: Callable[..., np.ndarray]) -> Callable[[np.ndarray], None]:
    """The same φ, its result in the place of its argument; what NumPy itself has (tanh) needs no copy for that."""

    def write(a: np.ndarray) -> None:
        a[...] = phi(a)

    return (lambda a: phi(a, out=a)) if isinstance(phi, np.ufunc) else write


def rnn_forward(params: Params, xs: np.ndarray, states: Tape, activation: Activation, array: Arrays) -> Tape:
    """a = x W_xh + h_prev W_hh + b_h, h = φ(a). The tape is φ′."""
    (hs,) = states
    W_hh, inputs = params["W_hh"], from_inputs(xs, params["W_xh"], params["b_h"], array)
    phi = writing_over(activation.phi)
    for h_prev, h, x in zip(hs[:-1], hs[1:], inputs, strict=True):
        np.dot(h_prev, W_hh, out=h)
        h += x
        phi(h)
    return (activation.slope(hs[1:], out=inputs),)


def rnn_backward(params: Params, tape: Tape, dhs: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """da_t = dh_t ∘ φ′(a_t) in the place of φ′, dh_{t−1} += da_t W_hhᵀ."""
    (das,) = tape
    W_back, from_future = params["W_hh"].T.copy(), np.zeros_like(dhs[0])
    for dh, da, keep_t in zip(dhs[::-1], das[::-1], keep[::-1].tolist(), strict=True):
        dh += from_future
        da *= dh
        np.dot(da, W_back, out=from_future)
        cut(from_future, keep_t)
    return das


def lstm_forward(params: Params, xs: np.ndarray, states: Tape, activation: Activation, array: Arrays) -> Tape:
    """i, f, o = σ, g = tanh, c = f ∘ c_prev + i ∘ g, h = o ∘ tanh(c). The tape: what dc and dh are multiplied by."""
    hs, cs = states
    (T, N, _), H = xs.shape, hs.shape[-1]
    scale, shift = np.repeat(np.array([[0.5, 0.5, 1.0, 0.5], [0.5, 0.5, 0.0, 0.5]], hs.dtype), H, axis=1)
    W_hh, inputs = params["W_hh"] * scale, from_inputs(xs, params["W_xh"] * scale, params["b_h"] * scale, array)
    gates, tanh_c, new = array("gates", T, N, 4 * H), array("tanh_c", T, N, H), array("new", N, H)
    i, f, g, o = columns(gates, 4)
    steps = zip(hs[:-1], cs[:-1], hs[1:], cs[1:], inputs, gates, i, f, g, o, tanh_c, strict=True)
    for h_prev, c_prev, h, c, x, a, i_t, f_t, g_t, o_t, tanh_c_t in steps:
        np.dot(h_prev, W_hh, out=a)
        a += x
        np.tanh(a, out=a)
        a *= scale
        a += shift
        np.multiply(f_t, c_prev, out=c)
        np.multiply(i_t, g_t, out=new)
        c += new
        np.tanh(c, out=tanh_c_t)
        np.multiply(o_t, tanh_c_t, out=h)
    to_a = inputs  # its numbers are no longer needed
    to_i, to_f, to_g, to_o = columns(to_a, 4)
    np.subtract(1.0, gates, out=to_a)
    to_a *= gates  # σ′ = σ(1 − σ)
    np.multiply(g, g, out=to_g)
    np.subtract(1.0, to_g, out=to_g)
    to_i *= g
    to_f *= cs[:-1]
    to_g *= i
    to_o *= tanh_c
    tanh_c *= tanh_c
    to_h = np.subtract(1.0, tanh_c, out=tanh_c)
    to_h *= o
    return to_a, f, to_h


def lstm_backward(params: Params, tape: Tape, dhs: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """dc_t = f_{t+1} ∘ dc_{t+1} + dh_t ∘ o ∘ tanh′(c), then the four blocks of da_t in the place of their factors."""
    das, f, to_h = tape
    W_back, from_future, dc = params["W_hh"].T.copy(), np.zeros_like(dhs[0]), np.zeros_like(dhs[0])
    ifg, o = in_blocks(das, 4)[..., :3, :], in_blocks(das, 4)[..., 3, :]
    dc_of_each, through_h = dc[:, None, :], np.empty_like(dc)
    back = (u[::-1] for u in (dhs, das, ifg, o, f, to_h))
    for dh, da, ifg_t, o_t, f_t, to_h_t, keep_t in zip(*back, keep[::-1].tolist(), strict=True):
        dh += from_future
        np.multiply(dh, to_h_t, out=through_h)
        dc += through_h
        ifg_t *= dc_of_each
        o_t *= dh
        dc *= f_t
        np.dot(da, W_back, out=from_future)
        cut(dc, keep_t)
        cut(from_future, keep_t)
    return das


def gru_forward(params: Params, xs: np.ndarray, states: Tape, activation: Activation, array: Arrays) -> Tape:
    """r, z = σ, q = h_prev W_hn + b_hn, n = tanh(x W_xn + b_xn + r ∘ q), h = n + z ∘ (h_prev − n)."""
    (hs,) = states
    (T, N, _), H = xs.shape, hs.shape[-1]
    scale = np.repeat(np.array([0.5, 0.5, 1.0], hs.dtype), H)
    b_xh, b_hh = params["b_xh"] * scale, params["b_hh"] * scale
    b_xh[: 2 * H] += b_hh[: 2 * H]
    b_hn = b_hh[2 * H :]
    W_hh, inputs = params["W_hh"] * scale, from_inputs(xs, params["W_xh"] * scale, b_xh, array)
    gates, to_a, sums = array("gates", T, N, 4 * H), array("to_a", T, N, 4 * H), array("sums", N, 3 * H)
    sums_rz, sums_n = sums[:, : 2 * H], sums[:, 2 * H :]
    r, z, q, n = columns(gates, 4)
    steps = zip(
        hs[:-1], hs[1:], inputs[..., : 2 * H], inputs[..., 2 * H :], gates[..., : 2 * H], r, z, q, n, strict=True
    )
    for h_prev, h, x_rz, x_n, rz, r_t, z_t, q_t, n_t in steps:
        np.dot(h_prev, W_hh, out=sums)
        np.add(sums_rz, x_rz, out=rz)
        np.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        np.add(sums_n, b_hn, out=q_t)
        np.multiply(r_t, q_t, out=n_t)
        n_t += x_n
        np.tanh(n_t, out=n_t)
        np.subtract(h_prev, n_t, out=h)
        h *= z_t
        h += n_t
    to_r, to_z, to_q, to_n = columns(to_a, 4)
    np.subtract(1.0, gates[..., : 2 * H], out=to_a[..., : 2 * H])  # 1 − r, 1 − z
    np.multiply(n, n, out=to_n)
    np.subtract(1.0, to_n, out=to_n)
    to_n *= to_z
    np.multiply(to_n, r, out=to_q)
    to_r *= to_q
    to_r *= q  # q ∘ r(1 − r) ∘ (1 − z) ∘ n′
    to_z *= z
    np.subtract(hs[:-1], n, out=n)
    to_z *= n  # (h_prev − n) ∘ z(1 − z)
    return to_a, z


def gru_backward(params: Params, tape: Tape, dhs: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """da_t = dh_t ∘ its four factors, in their place; dh_{t−1} += [da_r | da_z | dq] W_hhᵀ + dh_t ∘ z."""
    das, z = tape
    W_back, from_future = params["W_hh"].T.copy(), np.zeros_like(dhs[0])
    kept = np.empty_like(from_future)
    back = (u[::-1] for u in (dhs, das[..., : len(W_back)], in_blocks(das, 4), z))
    for dh, da_rzq, da, z_t, keep_t in zip(*back, keep[::-1].tolist(), strict=True):
        dh += from_future
        da *= dh[:, None, :]
        np.multiply(dh, z_t, out=kept)
        np.dot(da_rzq, W_back, out=from_future)
        from_future += kept
        cut(from_future, keep_t)
    return das


LOOPS: dict[Cell, Loops] = {
    RNN: Loops(rnn_forward, rnn_backward),
    LSTM: Loops(lstm_forward, lstm_backward),
    GRU: Loops(gru_forward, gru_backward),
}
