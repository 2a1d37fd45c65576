"""Gradient flow: which loss reaches which step, every loss carried backward separately.

The full gradient at step k is a sum over losses, ∂L/∂h_k = Σ_{t≥k} ∂L_t/∂h_k. BPTT adds the terms up as it goes;
here they stay apart, one row per loss, all rows in one matrix product per step:

    ∂L_t/∂h_k = ∂L_t/∂h_{k+1} · ∂h_{k+1}/∂h_k,    row ← (row ∘ φ′(a_{k+1})) W_hhᵀ

A row whose norm leaves the comfortable range is rescaled and the logarithm of its scale kept aside, so the norms
are right however small or large they are (float64 itself ends at 10⁻³⁰⁸). A truncation is a (T, T) matrix of
weights on these rows, so the same sweep yields the gradient of every truncation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.bptt import all_steps, repeat
from explorer.engine.cells import Cell, Params, laid_out_for_backward

COMFORT = 1e120  # a row is rescaled when its squared norm leaves [1/COMFORT, COMFORT], far inside float64's 1e±308


@dataclass(frozen=True, eq=False)
class Flow:
    """log10_norms (T, T): entry [t, k] = log10 ‖∂L_t/∂h_k‖, Frobenius over (N, H), for k ≤ t; −inf for k > t.

    Steps are 0-based; row t exists for every step, whether or not the run takes a loss there.
    """

    log10_norms: np.ndarray


def gradient_flow(
    params: Params,
    slopes: np.ndarray,
    dys: np.ndarray,
    cell: Cell,
    masks: np.ndarray | None = None,
    last_only: bool = False,
) -> tuple[np.ndarray, np.ndarray | None]:
    """One backward sweep that keeps every loss apart.

    slopes (T, ..., N, H) = φ′(a_t); dys (T, ..., N, O) = ∂L_t/∂y_t for every t; masks (M, T, T) truncation weights.
    Returns log10_norms (..., T, T), laid out as in `Flow`, and dhs (M, T, ..., N, H) with
    dhs[m, k] = Σ_t masks[m, t, k] ∂L_t/∂h_k (None without masks).
    With `last_only` one row is carried, that of the last loss: log10_norms (..., 1, T), and the work is linear in T.
    """
    T, (*lead, N, H) = len(slopes), slopes.shape[1:]
    first = T - 1 if last_only else 0  # rows are the losses T−1, T−2, …, first: in the order in which they start
    own = all_steps(dys[first:], params["W_hy"].mT)
    R, D = np.empty((2, *lead, (T - first) * N, H))  # the rows, ∂L_t/∂h: N sequences of loss T−1, N of T−2, …; ∂L_t/∂a
    offset = np.zeros((*lead, T - first))  # logarithm of the scale taken out of each row so far
    squares, offsets = np.zeros((2, T, *lead, T - first))
    if masks is not None:
        cuts = np.moveaxis(masks[:, ::-1], -1, 0).copy()  # (T, M, T): for step k, the weights in the order of the rows
        dhs = np.empty((T, *lead, len(masks), N * H))
    params = laid_out_for_backward(params)
    n = 0  # rows under way
    for k in reversed(range(T)):
        if n:  # every loss that has started takes one step back, through h_{k+1}
            rows, slope = R[..., : n * N, :], repeat(slopes[k + 1], n)
            cell.step_backward(params, rows, slope, out=(rows, D[..., : n * N, :]))
        if k >= first:  # and the loss at this very step starts
            R[..., n * N : (n + 1) * N, :] = own[k - first]
            n += 1
        active = R[..., : n * N, :].reshape(*lead, n, N * H)  # a view: one line per loss
        squares[k, ..., :n] = keep_in_range(active, offset[..., :n])
        offsets[k] = offset
        if masks is not None:
            np.matmul(weights(cuts[k, :, :n], offset[..., :n]), active, out=dhs[k])
    with np.errstate(divide="ignore"):  # log10 0 = −inf: exactly zero, and above the diagonal
        log10_norms = 0.5 * np.log10(squares) + offsets / np.log(10.0)
    log10_norms = np.moveaxis(log10_norms[..., ::-1], 0, -1)
    return log10_norms, None if masks is None else np.moveaxis(dhs.reshape(T, *lead, -1, N, H), -3, 0)


def weights(cut: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Weights of the truncations on the rows as they are stored, (M, n) · e^offset (..., n) → (..., M, n).

    Where the weight is 0 the scale may be beyond float64: 0 · ∞ must be 0.
    """
    if not offset.any():
        return cut
    return cut * np.exp(np.where(cut != 0.0, offset[..., None, :], -np.inf))


def keep_in_range(active: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Squared norms of the rows; a row out of range is divided, in place, by its largest entry.

    active (..., n, N·H) and offset (..., n) are updated together: a row always means active · e^offset.
    A row of exact zeros stays as it is.
    """
    squares = np.vecdot(active, active)
    out = (squares < 1.0 / COMFORT) | (squares > COMFORT)
    if out.any():
        peak = np.abs(active[out]).max(axis=-1)
        peak[peak == 0.0] = 1.0
        active[out] /= peak[:, None]
        offset[out] += np.log(peak)
        squares[out] = (active[out] ** 2).sum(axis=-1)
    return squares
