"""Gradient flow: which loss reaches which step, every loss carried backward separately.

The full gradient at step k is a sum over losses, ∂L/∂h_k = Σ_{t≥k} ∂L_t/∂h_k. BPTT adds the terms up as it goes;
here they stay apart, one row per loss, all rows in one matrix product per step:

    ∂L_t/∂h_k = ∂L_t/∂h_{k+1} · ∂h_{k+1}/∂h_k,    rows ← rows · diag(φ′(a_{k+1})) W_hhᵀ

That is the vanilla cell; an LSTM's rows are [∂L_t/∂h_k | ∂L_t/∂c_k].
A row whose norm leaves the comfortable range is rescaled and the logarithm of its scale kept aside, so the norms
are right however small or large they are (float64 itself ends at 10⁻³⁰⁸). A truncation is a (T, T) matrix of
weights on these rows, so the same sweep yields the gradient of every truncation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.bptt import all_steps
from explorer.engine.cells import Cell, Params, laid_out_for_backward
from explorer.engine.norms import COMFORT, log10_norms


@dataclass(frozen=True, eq=False)
class Flow:
    """log10_norms (T, T): entry [t, k] = log10 ‖∂L_t/∂h_k‖, Frobenius over (N, H), for k ≤ t; −inf for k > t.

    Steps are 0-based; row t exists for every step, whether or not the run takes a loss there.
    log10_norms_c (T, T) the same for c_k, in total, where the state has one (LSTM); else None.
    Out of a sweep over settings both are (..., T, T); of the last loss alone, (..., 1, T).
    """

    log10_norms: np.ndarray
    log10_norms_c: np.ndarray | None = None

    @property
    def of_memory(self) -> np.ndarray:
        """The matrix of what the cell remembers by: c where there is one, else h."""
        return self.log10_norms if self.log10_norms_c is None else self.log10_norms_c


@np.errstate(divide="ignore", over="ignore", invalid="ignore")  # log 0 = −inf: exactly zero; a scale may overflow
def gradient_flow(
    params: Params,
    factors: np.ndarray,
    dys: np.ndarray,
    cell: Cell,
    masks: np.ndarray | None = None,
    last_only: bool = False,
    clip_at: float = np.inf,
) -> tuple[Flow, np.ndarray | None]:
    """One backward sweep that keeps every loss apart.

    factors (T, ..., N, F) as the cell makes them (of the vanilla cell φ′(a_t)); dys (T, ..., N, O) = ∂L_t/∂y_t for
    every t; masks (M, T, T) truncation weights.
    Returns the Flow, and dss (M, T, ..., N, S) with dss[m, k] = Σ_t masks[m, t, k] ∂L_t/∂s_k (None without masks).
    With `clip_at`, every entry of a row is cut to ±clip_at at each step, as in `bptt`: each loss as if it came alone,
    since clipping is not linear and clipped terms do not add up to the clipped total.
    With `last_only` one row is carried, that of the last loss, and the work is linear in T.
    """
    T, (*lead, N, _), H = len(factors), factors.shape[1:], params["W_hy"].shape[-2]
    S, several = len(cell.parts) * H, len(cell.parts) > 1
    first = T - 1 if last_only else 0  # row i belongs to the loss at step first + i
    own = all_steps(dys[first:], params["W_hy"].mT)
    R, spare = np.zeros((2, *lead, N, T - first, S))  # the rows, ∂L_t/∂s
    offset = np.zeros((*lead, T - first))  # logarithm of the scale taken out of each row so far: it means R · e^offset
    scale, fits = np.exp(offset), True
    log_norms = np.full((len(cell.parts), T, *lead, T - first), -np.inf)  # above the diagonal there is nothing
    dss = None if masks is None else np.empty((T, *lead, N, len(masks), S))
    params = laid_out_for_backward(params)
    for k in reversed(range(T)):
        i = max(k - first, 0)  # rows i, i + 1, … are under way: the losses at step k and later
        later = i + (k >= first)
        if later < T - first:  # the later losses take one step back, through s_{k+1}
            one_step_back(params, R[..., later:, :], factors[k + 1], cell, out=spare[..., later:, :])
            R, spare = spare, R
        if k >= first:  # and the loss at this very step starts, at h
            R[..., i, :H] = own[i]
        rows = R[..., i:, :]
        if several:
            cell.complete(rows, factors[k][..., None, :])
        if clip_at < np.inf:  # the rows are stored without their scale, so the limit is scaled
            limit = clip_at * np.exp(-offset[..., None, i:, None])
            np.clip(rows, -limit, limit, out=rows)
        squares, rescaled = keep_in_range(rows, offset[..., i:])
        if rescaled:
            scale = np.exp(offset)
            fits = np.isfinite(scale).all()
        logs = 0.5 * np.log(squares) if not several else logs_by_part(rows, cell)
        log_norms[:, k, ..., i:] = logs + offset[..., i:]
        if masks is not None:
            cut = masks[:, first + i :, k]
            weights = cut * scale[..., None, i:]  # the rows are stored without their scale
            if not fits:
                weights = np.where(cut == 0.0, 0.0, weights)  # and a cut edge passes nothing on: 0 · ∞ must be 0
            np.matmul(weights[..., None, :, :], rows, out=dss[k])
    log10s = np.moveaxis(log_norms / np.log(10.0), 1, -1)
    return Flow(*log10s), None if masks is None else np.moveaxis(dss, -2, 0)


def one_step_back(params: Params, rows: np.ndarray, factors: np.ndarray, cell: Cell, out: np.ndarray) -> None:
    """rows ← rows · ∂s_{k+1}/∂s_k for rows (..., N, n, S), factors (..., N, F); one row is not worth a Jacobian."""
    if rows.shape[-2] == 1:
        cell.step_backward(params, rows[..., 0, :], factors, out=(out[..., 0, :], None))
    else:
        np.matmul(rows, cell.jacobian(params, factors), out=out)


def logs_by_part(rows: np.ndarray, cell: Cell) -> np.ndarray:
    """Logarithms of the norms of h's and c's columns, each scaled for itself. (..., N, n, S) → (parts, ..., n)."""
    return np.log(10.0) * np.stack([log10_norms(np.moveaxis(part, -3, -2)) for part in cell.split(rows).values()])


def keep_in_range(rows: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, bool]:
    """Squared norms (..., n) of the rows, and whether any was rescaled: divided by its largest entry.

    rows (..., N, n, S) and offset (..., n) are updated together, in place: a row always means rows · e^offset.
    A row of exact zeros stays as it is.
    """
    squares = np.vecdot(rows, rows).sum(axis=-2)
    if squares.min() >= 1.0 / COMFORT and squares.max() <= COMFORT:
        return squares, False
    out = (squares < 1.0 / COMFORT) | (squares > COMFORT)
    by_loss = np.moveaxis(rows, -3, -2)  # a view (..., n, N, S)
    peak = np.abs(by_loss[out]).max(axis=(-2, -1))
    peak[peak == 0.0] = 1.0
    by_loss[out] /= peak[:, None, None]
    offset[out] += np.log(peak)
    squares[out] = (by_loss[out] ** 2).sum(axis=(-2, -1))
    return squares, True
