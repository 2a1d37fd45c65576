"""The chain as a product of matrices J_t = ∂h_t/∂h_{t−1}: how far it reaches, and its Lyapunov exponents.

A gradient row meets the latest factor first, ∂L_T/∂h_1 = ∂L_T/∂h_T · J_T J_{T−1} … J_2; a small change of the state
meets the earliest first, δh_T = J_T … J_2 δh_1. It is the same product: what a disturbance does on its way forward,
a gradient does on its way back.
"""

from __future__ import annotations

import numpy as np

from explorer.engine.cells import Cell, Params
from explorer.engine.flow import keep_in_range
from explorer.engine.norms import log10_norms


def log10_reach(params: Params, slopes: np.ndarray, own: np.ndarray, cell: Cell) -> np.ndarray:
    """log10 ‖∂L_t/∂h_1‖ of the loss at every step t: all lengths of a sequence out of one sweep forward.

    slopes (T, ..., N, H) = φ′(a_t), own (T, ..., N, H) = ∂L_t/∂h_t of each loss alone → (T, ...).

        ∂L_t/∂h_1 = ∂L_t/∂h_t · P_t,    P_t = ∂h_t/∂h_1 = J_t P_{t−1},    P_1 = 1

    P is rescaled like the rows of `flow.gradient_flow`, its logarithm kept aside, so nothing under- or overflows.
    The work is T · N · H³, against T² · N · H² for a row per loss: less as long as H < T.
    """
    T, (*lead, N, H) = len(slopes), slopes.shape[1:]
    P = np.broadcast_to(np.eye(H), (*lead, N, H, H)).copy()
    spare, logs = np.empty_like(P), np.empty((T, *lead))
    offset = np.zeros((*lead, 1))  # logarithm of the scale taken out of P so far
    for t in range(T):
        if t:
            np.matmul(cell.jacobian(params, slopes[t]), P, out=spare)
            P, spare = spare, P
            keep_in_range(P.reshape(*lead, N, 1, H * H), offset)  # one scale for all of P: a product mixes its rows
        rows = own[t][..., None, :] @ P  # (..., N, 1, H)
        logs[t] = log10_norms(rows[..., 0, :]) + offset[..., 0] / np.log(10.0)
    return logs


def lyapunov(Js: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """The n leading Lyapunov exponents as they converge: [t − 1, i] is the i-th after t factors, decades per step.

    Js (T, H, H) → (T, n). n orthonormal directions are carried along and made orthonormal again after each factor;
    the diagonal of R holds by how much each has grown.

        Q_t R_t = J_t Q_{t−1},    λ_i = 1/t Σ_{s ≤ t} log10 |R_s,ii|

    Benettin, Galgani, Giorgilli & Strelcyn (1980). −∞ where a direction is mapped to exactly 0.
    """
    Q, _ = np.linalg.qr(rng.normal(size=(Js.shape[-1], n)))
    grown = np.empty((len(Js), n))
    for t, J in enumerate(Js):
        Q, R = np.linalg.qr(J @ Q)
        grown[t] = np.abs(np.diag(R))
    with np.errstate(divide="ignore"):
        return np.cumsum(np.log10(grown), axis=0) / np.arange(1, len(Js) + 1)[:, None]
