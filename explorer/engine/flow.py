"""Gradient flow: which loss reaches which step, every loss carried backward separately.

The full gradient at step k is a sum over losses, ∂L/∂h_k = Σ_{t≥k} ∂L_t/∂h_k. BPTT adds the terms up as it goes;
here they stay apart, one row per loss, all rows in one matrix product per step:

    ∂L_t/∂h_k = ∂L_t/∂h_{k+1} · ∂h_{k+1}/∂h_k,    rows ← rows · diag(φ′(a_{k+1})) W_hhᵀ

A row whose norm leaves the comfortable range is rescaled and the logarithm of its scale kept aside, so the norms
are right however small or large they are (float64 itself ends at 10⁻³⁰⁸). A truncation is a (T, T) matrix of
weights on these rows, so the same sweep yields the gradient of every truncation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.bptt import all_steps
from explorer.engine.cells import Cell, Params, laid_out_for_backward

COMFORT = 1e240  # a row is rescaled when its squared norm leaves [1/COMFORT, COMFORT], far inside float64's 1e±308


@dataclass(frozen=True, eq=False)
class Flow:
    """log10_norms (T, T): entry [t, k] = log10 ‖∂L_t/∂h_k‖, Frobenius over (N, H), for k ≤ t; −inf for k > t.

    Steps are 0-based; row t exists for every step, whether or not the run takes a loss there.
    """

    log10_norms: np.ndarray


@np.errstate(divide="ignore", over="ignore", invalid="ignore")  # log 0 = −inf: exactly zero; a scale may overflow
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
    first = T - 1 if last_only else 0  # row i belongs to the loss at step first + i
    own = all_steps(dys[first:], params["W_hy"].mT)
    R, spare = np.empty((2, *lead, N, T - first, H))  # the rows, ∂L_t/∂h
    offset = np.zeros((*lead, T - first))  # logarithm of the scale taken out of each row so far: it means R · e^offset
    scale, fits = np.exp(offset), True
    log_norms = np.full((T, *lead, T - first), -np.inf)  # above the diagonal there is nothing
    dhs = None if masks is None else np.empty((T, *lead, N, len(masks), H))
    params = laid_out_for_backward(params)
    for k in reversed(range(T)):
        i = max(k - first, 0)  # rows i, i + 1, … are under way: the losses at step k and later
        later = i + (k >= first)
        if later < T - first:  # the later losses take one step back, through h_{k+1}
            one_step_back(params, R[..., later:, :], slopes[k + 1], cell, out=spare[..., later:, :])
            R, spare = spare, R
        if k >= first:  # and the loss at this very step starts
            R[..., i, :] = own[i]
        rows = R[..., i:, :]
        squares, rescaled = keep_in_range(rows, offset[..., i:])
        if rescaled:
            scale = np.exp(offset)
            fits = np.isfinite(scale).all()
        log_norms[k, ..., i:] = 0.5 * np.log(squares) + offset[..., i:]
        if masks is not None:
            cut = masks[:, first + i :, k]
            weights = cut * scale[..., None, i:]  # the rows are stored without their scale
            if not fits:
                weights = np.where(cut == 0.0, 0.0, weights)  # and a cut edge passes nothing on: 0 · ∞ must be 0
            np.matmul(weights[..., None, :, :], rows, out=dhs[k])
    log10_norms = np.moveaxis(log_norms / np.log(10.0), 0, -1)
    return log10_norms, None if masks is None else np.moveaxis(dhs, -2, 0)


def one_step_back(params: Params, rows: np.ndarray, slope: np.ndarray, cell: Cell, out: np.ndarray) -> None:
    """rows ← rows · ∂h_{k+1}/∂h_k for rows (..., N, n, H) and slope (..., N, H); one row is not worth a Jacobian."""
    if rows.shape[-2] == 1:
        cell.step_backward(params, rows[..., 0, :], slope, out=(out[..., 0, :], None))
    else:
        np.matmul(rows, cell.jacobian(params, slope), out=out)


def keep_in_range(rows: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, bool]:
    """Squared norms (..., n) of the rows, and whether any was rescaled: divided by its largest entry.

    rows (..., N, n, H) and offset (..., n) are updated together, in place: a row always means rows · e^offset.
    A row of exact zeros stays as it is.
    """
    squares = np.vecdot(rows, rows).sum(axis=-2)
    if squares.min() >= 1.0 / COMFORT and squares.max() <= COMFORT:
        return squares, False
    out = (squares < 1.0 / COMFORT) | (squares > COMFORT)
    by_loss = np.moveaxis(rows, -3, -2)  # a view (..., n, N, H)
    peak = np.abs(by_loss[out]).max(axis=(-2, -1))
    peak[peak == 0.0] = 1.0
    by_loss[out] /= peak[:, None, None]
    offset[out] += np.log(peak)
    squares[out] = (by_loss[out] ** 2).sum(axis=(-2, -1))
    return squares, True
