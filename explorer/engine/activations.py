"""Activations φ, their derivatives φ′, and γ = sup φ′, the most that one step can pass back.

φ′ is computed from the pre-activation a, not from the output: 1 − h² rounds to exactly 0 once tanh(a) rounds to 1
(at a ≈ 19), while the true slope 4e⁻²ᵃ goes on. The flow of a saturated network is only exact with the latter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Activation:
    """φ with its derivative beside it.

    phi    h = φ(a), elementwise, any shape; accepts complex a, so that complex steps can check gradients
    dphi   φ′(a) for real a, same shape
    gamma  γ = sup φ′, the largest slope
    latex  the formula as a book prints it
    slope  (h, out) → φ′ from the output h, into `out`: what training takes; quicker, and 0 once h rounds to its limit
    """

    phi: Callable[[np.ndarray], np.ndarray]
    dphi: Callable[[np.ndarray], np.ndarray]
    gamma: float
    latex: str
    slope: Callable[..., np.ndarray]


def sigmoid(a: np.ndarray) -> np.ndarray:
    """σ(a) = 1/(1 + e⁻ᵃ) = (1 + tanh(a/2))/2. The second form cannot overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def small_sigmoid(a: np.ndarray) -> np.ndarray:
    """σ(a) = e^min(a, 0)/(1 + e^−|a|) for real a: right to the last digit also where it is small, as of a closed gate.

    `sigmoid` is right to 1e−16 absolutely, which is all that a state needs; a product of many gates needs more.
    """
    return np.exp(np.minimum(a, 0.0)) / (1.0 + np.exp(-np.abs(a)))


def sigmoid_with_slope(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """σ(a) as `small_sigmoid` gives it and σ′(a) as `dsigmoid` does, with what they have in common computed once."""
    z = np.exp(-np.abs(a))
    share = 1.0 / (1.0 + z)
    return np.exp(np.minimum(a, 0.0)) * share, z * share * share


def dsigmoid(a: np.ndarray) -> np.ndarray:
    """σ′(a) = σ(a)(1 − σ(a)) = z/(1 + z)² with z = e^−|a|; at most ¼, at a = 0."""
    z = np.exp(-np.abs(a))
    return z / (1.0 + z) ** 2


def dtanh(a: np.ndarray) -> np.ndarray:
    """tanh′(a) = 1 − tanh²(a) = 4z/(1 + z)² with z = e^−2|a|, which is 4σ′(2a); at most 1, at a = 0."""
    return 4.0 * dsigmoid(2.0 * a)


def relu(a: np.ndarray) -> np.ndarray:
    """max(a, 0)."""
    return np.maximum(a, 0.0)


def drelu(a: np.ndarray) -> np.ndarray:
    """1 where a > 0, else 0; the kink at 0 gets 0, as in every framework."""
    return (a > 0.0).astype(a.dtype)


def tanh_slope(h: np.ndarray, out: np.ndarray) -> np.ndarray:
    """tanh′ = 1 − h²."""
    return np.subtract(1.0, np.multiply(h, h, out=out), out=out)


def sigmoid_slope(h: np.ndarray, out: np.ndarray) -> np.ndarray:
    """σ′ = h(1 − h)."""
    return np.multiply(h, np.subtract(1.0, h, out=out), out=out)


def relu_slope(h: np.ndarray, out: np.ndarray) -> np.ndarray:
    """1 where h > 0, else 0."""
    return np.greater(h, 0.0, out=out)


def identity_slope(h: np.ndarray, out: np.ndarray) -> np.ndarray:
    """1."""
    out[...] = 1.0
    return out


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(np.tanh, dtanh, 1.0, r"\tanh a", tanh_slope),
    "sigmoid": Activation(sigmoid, dsigmoid, 0.25, r"\frac{1}{1+e^{-a}}", sigmoid_slope),
    "relu": Activation(relu, drelu, 1.0, r"\max(a, 0)", relu_slope),
    "identity": Activation(lambda a: a, np.ones_like, 1.0, "a", identity_slope),
}
