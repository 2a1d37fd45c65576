"""The vanilla cell: one matrix, one activation. Elman (1990), Finding structure in time."""

from __future__ import annotations

import numpy as np

from explorer.engine.activations import Activation
from explorer.engine.cells.contract import Cell, Params, through


def rnn_step(
    params: Params, x: np.ndarray, h_prev: np.ndarray, activation: Activation
) -> tuple[np.ndarray, np.ndarray]:
    """Vanilla (Elman) cell: a = x W_xh + h_prev W_hh + b_h, h = φ(a).

    x (N, D), h_prev (N, H) → h (N, H), a (N, H).
    """
    W_xh, W_hh, b_h = params["W_xh"], params["W_hh"], params["b_h"]
    a = x @ W_xh + h_prev @ W_hh + b_h
    h = activation.phi(a)
    return h, a


def rnn_factors(a: np.ndarray, states: np.ndarray, activation: Activation) -> np.ndarray:
    """The slopes φ′(a_t), for all steps at once. (T, ..., N, H) → (T, ..., N, H)."""
    return activation.dphi(a)


def rnn_to_pre(dh: np.ndarray, slope: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """da = dh ∘ φ′(a). (..., N, H) → (..., N, H)."""
    da = np.multiply(dh, slope, out=out)  # h = φ(a) is elementwise, so its Jacobian is diagonal
    return da


def rnn_step_backward(
    params: Params, dh: np.ndarray, slope: np.ndarray, out: tuple = (None, None)
) -> tuple[np.ndarray, np.ndarray]:
    """Chain rule through one vanilla step: ∂h_t/∂h_{t−1} = diag(φ′(a_t)) W_hhᵀ, acting on gradient rows.

    dh (N, H) = ∂L/∂h_t, slope (N, H) = φ′(a_t)
    → dh_prev (N, H) = ∂L/∂h_{t−1} through this step, da (N, H) = ∂L/∂a_t.
    `out` may name the arrays that take the two results, as in NumPy; dh itself may be the first.
    """
    da = rnn_to_pre(dh, slope, out=out[1])
    dh_prev = np.matmul(da, params["W_hh"].mT, out=out[0])  # a depends on h_prev through W_hh alone
    return dh_prev, da


def rnn_jacobian(params: Params, slope: np.ndarray) -> np.ndarray:
    """∂h_t/∂h_{t−1} = diag(φ′(a_t)) W_hhᵀ: entry [i, j] says how unit i now depends on unit j one step before.

    slope (..., N, H) = φ′(a_t) → (..., N, H, H), one matrix per sequence.   Pascanu et al. (2013), eq. 5.
    """
    return through(slope, params["W_hh"])


def rnn_gradients(x: np.ndarray, h_prev: np.ndarray, da: np.ndarray) -> Params:
    """The same weights act at every step, so their gradient is a sum over steps (and sequences) of outer products.

    dW_xh = Σ_t x_tᵀ da_t    dW_hh = Σ_t h_{t−1}ᵀ da_t    db_h = Σ_t da_t

    Rows are all steps of all sequences: x (..., T·N, D), h_prev (..., T·N, H), da (..., T·N, P).
    """
    return {
        "W_xh": x.mT @ da,
        "W_hh": h_prev.mT @ da,
        "b_h": da.sum(axis=-2),
    }


def rnn_shapes(D: int, H: int) -> dict[str, tuple[int, ...]]:
    """W_xh (D, H), W_hh (H, H), b_h (H,)."""
    return {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}


RNN = Cell(rnn_step, rnn_factors, rnn_to_pre, rnn_step_backward, rnn_jacobian, rnn_gradients, rnn_shapes, "RNN")
