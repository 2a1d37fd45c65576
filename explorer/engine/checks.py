"""Checking a gradient by hand: nudge one weight, see the loss move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.engine.cells import Params


@dataclass(frozen=True, eq=False)
class Quotients:
    """Estimates of ∂L/∂w for one weight w, each (E,), one per step size ε; `loss` = L(w), `nudged` (E,) = L(w + ε)."""

    eps: np.ndarray
    loss: float
    nudged: np.ndarray
    forward: np.ndarray
    central: np.ndarray
    complex_step: np.ndarray


def difference_quotients(
    loss: Callable[[Params], np.ndarray], params: Params, name: str, index: tuple[int, ...], eps: np.ndarray
) -> Quotients:
    """Difference quotients and the complex step, for all step sizes at once.

        forward   (L(w + ε) − L(w))/ε          truncation error ~ ε,   rounding error ~ 10⁻¹⁶/ε
        central   (L(w + ε) − L(w − ε))/(2ε)   truncation error ~ ε²,  rounding error ~ 10⁻¹⁶/ε
        complex   Im L(w + iε)/ε               truncation error ~ ε²,  nothing is subtracted: no cancellation

    loss takes weights with a leading axis, biases as (E, 1, H), and returns (E,).   Squire & Trapp (1998).
    """
    here = loss(nudged(params, name, index, np.zeros(1)))
    up, down = (loss(nudged(params, name, index, sign * eps)) for sign in (1.0, -1.0))
    aside = loss(nudged(params, name, index, 1j * eps))
    return Quotients(eps, float(here[0]), up, (up - here) / eps, (up - down) / (2.0 * eps), aside.imag / eps)


def nudged(params: Params, name: str, index: tuple[int, ...], deltas: np.ndarray) -> Params:
    """All parameters with a leading axis, (E, rows, columns) or (E, 1, H), and `deltas` (E,) added to one entry."""
    lead = {key: np.tile(np.atleast_2d(p), (len(deltas), 1, 1)) for key, p in params.items()}
    lead[name] = lead[name].astype(np.result_type(lead[name], deltas))
    row, column = index if params[name].ndim == 2 else (0, *index)
    lead[name][:, row, column] += deltas
    return lead
