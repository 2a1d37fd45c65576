"""The GRU, in PyTorch's form: one state h that is a mixture of itself and of new content.

    r = σ(x W_xr + b_xr + h_{t−1} W_hr + b_hr)      z likewise, each from its own block of columns
    q = h_{t−1} W_hn + b_hn                         n = tanh(x W_xn + b_xn + r ∘ q)
    h_t = (1 − z) ∘ n + z ∘ h_{t−1}

Cho et al. (2014), Learning phrase representations using RNN encoder–decoder, apply r before the product, to h_{t−1};
after it, as here, one product of h_{t−1} serves all blocks. z ≡ 0 and r ≡ 1 make it a vanilla tanh cell. Its a is
[a_r | a_z | q | a_n]: what W_hh adds to comes first.
"""

from __future__ import annotations

import numpy as np

from explorer.engine.activations import Activation, dtanh, sigmoid, sigmoid_with_slope, small_sigmoid
from explorer.engine.cells.contract import Cell, Params, columns, diagonal, in_blocks, through


def gru_step(
    params: Params, x: np.ndarray, h_prev: np.ndarray, activation: Activation
) -> tuple[np.ndarray, np.ndarray]:
    """x (N, D), h_prev (N, H) → h (N, H), a (N, 4H). It has no use for φ."""
    H = h_prev.shape[-1]
    from_input = x @ params["W_xh"] + params["b_xh"]
    from_state = h_prev @ params["W_hh"] + params["b_hh"]
    a_rz = from_input[..., : 2 * H] + from_state[..., : 2 * H]
    r, z = columns(sigmoid(a_rz), 2)
    q = from_state[..., 2 * H :]
    a_n = from_input[..., 2 * H :] + r * q
    n = np.tanh(a_n)
    h = (1.0 - z) * n + z * h_prev
    return h, np.concatenate((a_rz, q, a_n), axis=-1)


def gru_gates(a: np.ndarray) -> dict[str, np.ndarray]:
    """r, z, n from a (..., N, 4H), each (..., N, H)."""
    a_r, a_z, _, a_n = columns(a, 4)
    return {"r": small_sigmoid(a_r), "z": small_sigmoid(a_z), "n": np.tanh(a_n)}


def gru_factors(a: np.ndarray, states: np.ndarray, activation: Activation) -> np.ndarray:
    """What backward multiplies by, five blocks of columns, for all steps at once:

    to a_n: (1 − z) ∘ n′    to q: r ∘ that    to a_r: q ∘ r′ ∘ that    to a_z: (h_{t−1} − n) ∘ z′    to h_{t−1}: z

    a (T, ..., N, 4H), states (T+1, ..., N, H) → (T, ..., N, 5H), in the order a_r, a_z, q, a_n, h_{t−1}.
    """
    a_r, a_z, q, a_n = columns(a, 4)
    (r, dr), (z, dz), n = sigmoid_with_slope(a_r), sigmoid_with_slope(a_z), np.tanh(a_n)
    to_n = small_sigmoid(-a_z) * dtanh(a_n)  # 1 − z = σ(−a_z), exact also where z is nearly 1
    to_r, to_z = q * dr * to_n, (states[:-1] - n) * dz
    return np.concatenate((to_r, to_z, r * to_n, to_n, z), axis=-1)


def gru_to_pre(dh: np.ndarray, factors: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """da_n = dh ∘ (1 − z) ∘ n′,  dq = da_n ∘ r,  da_r = da_n ∘ q ∘ r′,  da_z = dh ∘ (h_{t−1} − n) ∘ z′.

    dh (..., N, H) → da (..., N, 4H), in the order a_r, a_z, q, a_n.
    """
    H = dh.shape[-1]
    da = np.empty((*np.broadcast_shapes(dh.shape[:-1], factors.shape[:-1]), 4 * H)) if out is None else out
    np.multiply(dh[..., None, :], in_blocks(factors, 5)[..., :4, :], out=in_blocks(da, 4))
    return da


def gru_carry(dh: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """dh ∘ z: what the update gate keeps. (..., N, H) → (..., N, H)."""
    z = factors[..., 4 * dh.shape[-1] :]
    return dh * z


def gru_step_backward(
    params: Params, dh: np.ndarray, factors: np.ndarray, out: tuple = (None, None)
) -> tuple[np.ndarray, np.ndarray]:
    """Chain rule through one step: dh_prev = [da_r | da_z | dq] W_hhᵀ + dh ∘ z.

    dh (N, H) → dh_prev (N, H), da (N, 4H). `out` may name the arrays that take the two results; dh may be the first.
    """
    W_hh = params["W_hh"]
    da = gru_to_pre(dh, factors, out=out[1])
    kept = gru_carry(dh, factors)  # no weight on this path, only the update gate
    dh_prev = np.matmul(da[..., : W_hh.shape[-1]], W_hh.mT, out=out[0])  # through r, z and q, which read h_prev
    dh_prev += kept
    return dh_prev, da


def gru_jacobian(params: Params, factors: np.ndarray) -> np.ndarray:
    """∂h_t/∂h_{t−1}: what r, z and q pass through their blocks of W_hhᵀ, and z on the diagonal. → (..., N, H, H)."""
    to_r, to_z, to_q, _, z = columns(factors, 5)
    W_r, W_z, W_n = columns(params["W_hh"], 3)
    J = through(to_r, W_r) + through(to_z, W_z) + through(to_q, W_n)
    diagonal(J)[...] += z
    return J


def gru_gradients(x: np.ndarray, h_prev: np.ndarray, da: np.ndarray) -> Params:
    """Sums over steps and sequences of outer products, as in the vanilla cell; x meets a_n, h_{t−1} meets q.

    Rows are all steps of all sequences: x (..., T·N, D), h_prev (..., T·N, H), da (..., T·N, 4H).
    """
    H = h_prev.shape[-1]
    da_rz, da_n, of_state = da[..., : 2 * H], da[..., 3 * H :], da[..., : 3 * H]
    return {
        "W_xh": np.concatenate((x.mT @ da_rz, x.mT @ da_n), axis=-1),
        "W_hh": h_prev.mT @ of_state,
        "b_xh": np.concatenate((da_rz.sum(axis=-2), da_n.sum(axis=-2)), axis=-1),
        "b_hh": of_state.sum(axis=-2),
    }


def gru_shapes(D: int, H: int) -> dict[str, tuple[int, ...]]:
    """W_xh (D, 3H), W_hh (H, 3H), b_xh (3H,), b_hh (3H,), gates r z n side by side."""
    return {"W_xh": (D, 3 * H), "W_hh": (H, 3 * H), "b_xh": (3 * H,), "b_hh": (3 * H,)}


GRU = Cell(
    gru_step,
    gru_factors,
    gru_to_pre,
    gru_step_backward,
    gru_jacobian,
    gru_gradients,
    gru_shapes,
    "GRU",
    width=4,
    blocks=("r", "z", "n"),
    candidate="n",
    keeper="z",
    gates=gru_gates,
    carry=gru_carry,
)
