"""Backpropagation through time: the lesson. One loop forward, one loop backward, both linear in T.

Werbos (1990). Truncation is one factor per step, `keep`: what step t sends back to step t − 1 is multiplied by
keep[t]. Ones give the full gradient, zeros at block edges give block truncation (see `truncation.py`).
"""

from __future__ import annotations

import numpy as np

from explorer.engine.activations import Activation
from explorer.engine.cells import Cell, Params, laid_out_for_backward


def forward(
    params: Params, xs: np.ndarray, cell: Cell, activation: Activation, h0: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Run the cell over a sequence: h_t, a_t = step(x_t, h_{t−1}).

    xs (T, ..., N, D), h0 (..., N, H) or None for zeros → hs (T+1, ..., N, H) with hs[0] = h0, pre (T, ..., N, H) = a_t.
    """
    T, W_hh = len(xs), params["W_hh"]
    lead = np.broadcast_shapes(xs.shape[1:-2], W_hh.shape[:-2])
    shape = (*lead, xs.shape[-2], W_hh.shape[-1])
    dtype = np.result_type(xs, *params.values())
    hs, pre = np.zeros((T + 1, *shape), dtype), np.empty((T, *shape), dtype)
    if h0 is not None:
        hs[0] = h0
    h = hs[0]
    for t, x in enumerate(xs):
        h, pre[t] = cell.step(params, x, h, activation)
        hs[t + 1] = h
    return hs, pre


def readout(params: Params, hs: np.ndarray) -> np.ndarray:
    """y_t = h_t W_hy + b_y for every step after the initial state. (T+1, ..., N, H) → (T, ..., N, O)."""
    return all_steps(hs[1:], params["W_hy"]) + params["b_y"]


def bptt(
    params: Params,
    xs: np.ndarray,
    hs: np.ndarray,
    slopes: np.ndarray,
    dys: np.ndarray,
    cell: Cell,
    keep: np.ndarray,
) -> tuple[np.ndarray, Params]:
    """Gradients of L = Σ_t L_t with respect to every state and every parameter.

    slopes (T, ..., N, H) = φ′(a_t), dys (T, ..., N, O) = ∂L_t/∂y_t, keep (T,), or (T, V) for V truncations at once.
    Returns dhs (T, ..., N, H) with dhs[t] = ∂L/∂h_t and grads {name: like the parameter}; with V truncations
    a leading axis V stands first among the axes before N.

        dh_t = ∂L_t/∂h_t + keep_{t+1} · da_{t+1} W_hhᵀ,   da_t = dh_t ∘ φ′(a_t)
    """
    N, V = slopes.shape[-2], keep[0].size  # V truncations ride along as V · N sequences
    own = all_steps(dys, params["W_hy"].mT)  # what each step's own loss says to its state
    dhs = np.concatenate([own] * V, axis=-2)
    das = np.empty_like(dhs)
    from_future = np.zeros(dhs.shape[1:])
    params = laid_out_for_backward(params)
    scales = np.repeat(keep.reshape(-1, V), N, axis=1)[..., None]
    cut = (scales != 1.0).any(axis=(1, 2)).tolist()
    for t in reversed(range(len(dhs))):
        dh = dhs[t]
        dh += from_future  # this step's own loss, plus what the future sends back
        cell.step_backward(params, dh, repeat(slopes[t], V), out=(from_future, das[t]))
        if cut[t]:  # a cut edge passes nothing on, not even an overflow: 0 · ∞ must be 0
            from_future = np.where(scales[t] == 0.0, 0.0, scales[t] * from_future)
    if keep.ndim > 1:
        dhs, das = apart(dhs, V), apart(das, V)
    return dhs, weight_gradients(xs, hs, das, dys)


def weight_gradients(xs: np.ndarray, hs: np.ndarray, das: np.ndarray, dys: np.ndarray) -> Params:
    """The same weights act at every step, so their gradient is a sum over steps (and sequences) of outer products.

    dW_xh = Σ_t x_tᵀ da_t    dW_hh = Σ_t h_{t−1}ᵀ da_t    db_h = Σ_t da_t    dW_hy = Σ_t h_tᵀ dy_t    db_y = Σ_t dy_t
    """
    da, dy = rows(das), rows(dys)
    return {
        "W_xh": rows(xs).mT @ da,
        "W_hh": rows(hs[:-1]).mT @ da,
        "b_h": da.sum(axis=-2),
        "W_hy": rows(hs[1:]).mT @ dy,
        "b_y": dy.sum(axis=-2),
    }


def rows(u: np.ndarray) -> np.ndarray:
    """Lay all steps of all sequences under one another: (T, ..., N, n) → (..., T·N, n)."""
    u = np.moveaxis(u, 0, -3)
    return u.reshape(*u.shape[:-3], u.shape[-3] * u.shape[-2], u.shape[-1])


def all_steps(u: np.ndarray, W: np.ndarray) -> np.ndarray:
    """u_t W for every step, in one product instead of T small ones. (T, ..., N, m), (..., m, n) → (T, ..., N, n)."""
    product = rows(u) @ W
    return np.moveaxis(product.reshape(*product.shape[:-2], len(u), u.shape[-2], -1), -3, 0)


def repeat(slope: np.ndarray, n: int) -> np.ndarray:
    """n times the N sequences under one another, (..., N, H) → (..., n·N, H); N = 1 broadcasts without a copy."""
    return slope if n == 1 or slope.shape[-2] == 1 else np.concatenate([slope] * n, axis=-2)


def apart(u: np.ndarray, V: int) -> np.ndarray:
    """Take the V copies apart again, a view: (T, ..., V·N, n) → (T, V, ..., N, n)."""
    return np.moveaxis(u.reshape(*u.shape[:-2], V, u.shape[-2] // V, u.shape[-1]), -3, 1)
