"""Backpropagation through time: the lesson. One loop forward, one loop backward, both linear in T.

Werbos (1990). Truncation is one factor per step, `keep`: what step t sends back to step t − 1 is multiplied by
keep[t]. Ones give the full gradient, zeros at block edges give block truncation (see `truncation.py`).
"""

from __future__ import annotations

import numpy as np

from explorer.engine.activations import Activation
from explorer.engine.cells import Cell, Params, laid_out_for_backward


def forward(
    params: Params, xs: np.ndarray, cell: Cell, activation: Activation, s0: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Run the cell over a sequence: s_t, a_t = step(x_t, s_{t−1}). The state s_t is h_t, of an LSTM [h_t | c_t].

    xs (T, ..., N, D), s0 (..., N, S) or None for zeros
    → states (T+1, ..., N, S) with states[0] = s0, pre (T, ..., N, P) = a_t.
    """
    T, W_hh = len(xs), params["W_hh"]
    lead = np.broadcast_shapes(xs.shape[1:-2], W_hh.shape[:-2])
    shape, H = (*lead, xs.shape[-2]), W_hh.shape[-2]
    dtype = np.result_type(xs, *params.values())
    states, pre = np.zeros((T + 1, *shape, len(cell.parts) * H), dtype), np.empty((T, *shape, cell.width * H), dtype)
    if s0 is not None:
        states[0] = s0
    s = states[0]
    for t, x in enumerate(xs):
        s, pre[t] = cell.step(params, x, s, activation)
        states[t + 1] = s
    return states, pre


def readout(params: Params, states: np.ndarray) -> np.ndarray:
    """y_t = h_t W_hy + b_y for every step after the initial state. (T+1, ..., N, S) → (T, ..., N, O)."""
    hs = states[1:, ..., : params["W_hy"].shape[-2]]  # the read-out sees h alone
    return all_steps(hs, params["W_hy"]) + params["b_y"]


def bptt(
    params: Params,
    xs: np.ndarray,
    states: np.ndarray,
    factors: np.ndarray,
    dys: np.ndarray,
    cell: Cell,
    keep: np.ndarray,
    clip_at: float = np.inf,
    arriving: np.ndarray | None = None,
) -> tuple[np.ndarray, Params]:
    """Gradients of L = Σ_t L_t with respect to every state and every parameter.

    factors (T, ..., N, F) as the cell makes them (of the vanilla cell φ′(a_t)), dys (T, ..., N, O) = ∂L_t/∂y_t,
    keep (T,), or (T, V) for V truncations at once; arriving (..., N, S) what reaches s_T from beyond the last step (a
    decoder that starts from it), or None.
    Returns dss (T, ..., N, S) with dss[t] = ∂L/∂s_t and grads {name: like the parameter}; with V truncations
    a leading axis V stands first among the axes before N. For the vanilla cell:

        dh_t = ∂L_t/∂h_t + keep_{t+1} · da_{t+1} W_hhᵀ,   da_t = dh_t ∘ φ′(a_t)

    With `clip_at`, every entry of ds_t is cut to ±clip_at before it goes on to step t − 1 and into the weights, after
    Mikolov (2012): so nothing explodes on the way, but dss and grads are then the gradient of no function.
    """
    N, V = states.shape[-2], keep[0].size  # V truncations ride along as V · N sequences
    own = all_steps(dys, params["W_hy"].mT)  # what each step's own loss says to its h
    dss = np.zeros((*own.shape[:-2], V * N, states.shape[-1]), own.dtype)
    cell.split(dss)["h"][...] = repeat(own, V)
    das = np.empty((*dss.shape[:-1], cell.width * own.shape[-1]), own.dtype)
    from_future = np.zeros_like(dss[0])
    if arriving is not None:
        from_future += repeat(arriving, V)
    params = laid_out_for_backward(params)
    scales = np.repeat(keep.reshape(-1, V), N, axis=1)[..., None].astype(own.dtype)
    cut = (scales != 1.0).any(axis=(1, 2)).tolist()
    for t in reversed(range(len(dss))):
        ds, factors_t = dss[t], repeat(factors[t], V)
        ds += from_future  # this step's own loss, plus what the future sends back (s is h, of an LSTM h and c)
        cell.complete(ds, factors_t)
        if clip_at < np.inf:
            np.clip(ds, -clip_at, clip_at, out=ds)
        cell.step_backward(params, ds, factors_t, out=(from_future, das[t]))
        if cut[t]:  # a cut edge passes nothing on, not even an overflow: 0 · ∞ must be 0
            from_future = np.where(scales[t] == 0.0, 0.0, scales[t] * from_future)
    if keep.ndim > 1:
        dss, das = apart(dss, V), apart(das, V)
    return dss, weight_gradients(xs, states, das, dys, cell)


def weight_gradients(xs: np.ndarray, states: np.ndarray, das: np.ndarray, dys: np.ndarray, cell: Cell) -> Params:
    """The cell's own gradients from da_t = ∂L/∂a_t, and the read-out's: sums over steps of outer products.

    dW_hy = Σ_t h_tᵀ dy_t    db_y = Σ_t dy_t    (of the states, the columns of h are enough)
    """
    hs, dy = states[..., : das.shape[-1] // cell.width], rows(dys)
    return {
        **cell.gradients(rows(xs), rows(hs[:-1]), rows(das)),
        "W_hy": rows(hs[1:]).mT @ dy,
        "b_y": dy.sum(axis=-2),
    }


def rows(u: np.ndarray) -> np.ndarray:
    """Lay all steps of all sequences under one another: (T, ..., N, n) → (..., T·N, n)."""
    u = u if u.ndim == 3 else np.moveaxis(u, 0, -3)
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
