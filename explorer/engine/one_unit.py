"""The smallest network with a wall: one unit, no input, T = 50 steps.

    x_t = w·σ(x_{t−1}) + b,   x_0 = ½,        E(w, b) = (σ(x_T) − 0.7)²

Doya (1993); Pascanu, Mikolov & Bengio (2013), figures 3 and 6. Everything is elementwise in w and b, so that a whole
surface is one call.

Where w σ′(x) > 1 a fixed point x = w·σ(x) + b repels: states just above it end up at the upper stable fixed point,
states just below it at the lower one. If x_0 is that point, an arbitrarily small change of b decides between the two:
there E jumps, and each of the T steps multiplies the gradient by w σ′(½) on its way back. That is the wall, on the line
b = ½ − w·σ(½), w > 1/σ′(½) ≈ 4.26.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import dsigmoid, sigmoid

T = 50
START = 0.5
TARGET = 0.7


def states(w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """x_0 … x_T. w, b of one shape (…) → (T+1, …)."""
    xs = np.empty((T + 1, *np.shape(w)), np.result_type(w, b, float))
    xs[0] = START
    for t in range(T):
        xs[t + 1] = w * sigmoid(xs[t]) + b
    return xs


def error(w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """E(w, b), same shape."""
    return (sigmoid(states(w, b)[-1]) - TARGET) ** 2


def gradient(w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """∂E/∂w and ∂E/∂b by backpropagation through time, same shapes."""
    xs = states(w, b)
    dx = 2.0 * (sigmoid(xs[-1]) - TARGET) * dsigmoid(xs[-1])  # the error is taken at the last step alone
    dw, db = np.zeros_like(dx), np.zeros_like(dx)
    for t in reversed(range(T)):
        dw = dw + dx * sigmoid(xs[t])  # the same w and b act at every step: their gradients are sums
        db = db + dx
        dx = dx * w * dsigmoid(xs[t])  # one step back
    return dw, db


def wall(w: np.ndarray) -> np.ndarray:
    """The b at which x_0 is a fixed point; a wall stands there where w σ′(½) > 1."""
    return START - w * sigmoid(START)


WALL_FROM = float(1.0 / dsigmoid(np.array(START)))  # the w from which on x_0, as a fixed point, repels


def fixed_points(w: float, xs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every x is a fixed point for exactly one b, b = x − w·σ(x); it attracts where w σ′(x) < 1 (slopes are positive).

    → b and whether x attracts, each of xs' shape: the bifurcation diagram over b, drawn sideways.
    """
    return xs - w * sigmoid(xs), w * dsigmoid(xs) < 1.0


@dataclass(frozen=True, eq=False)
class Descent:
    """Gradient descent from one start: w, b, error, norm (‖∇E‖) and moved (length of the update), each (updates + 1,).

    Index n is after n updates; moved[n] is the update that leaves n.
    """

    w: np.ndarray
    b: np.ndarray
    error: np.ndarray
    norm: np.ndarray
    moved: np.ndarray


def descend(
    w: float, b: float, updates: int, learning_rate: float, clip: Callable[[np.ndarray], np.ndarray] = np.asarray
) -> Descent:
    """(w, b) ← (w, b) − η clip(∇E), `updates` times."""
    at, path = np.array([w, b], float), np.empty((5, updates + 1))
    for n in range(updates + 1):
        g = np.array(gradient(*at))
        step = learning_rate * clip(g)
        path[:, n] = *at, error(*at), np.hypot(*g), np.hypot(*step)
        at = at - step
    return Descent(*path)
