"""Optimisers: what an update does with a gradient. Each returns new parameters and what it has to remember.

An optimiser starts from an empty memory {}, and writes to its memory; parameters and gradients it leaves alone. `rate`
is the learning rate η of this update.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from explorer.engine.cells import Params

Memory = dict[str, Params]


def sgd(params: Params, grads: Params, memory: Memory, rate: float) -> tuple[Params, Memory]:
    """W ← W − η g."""
    return {name: W - rate * grads[name] for name, W in params.items()}, memory


def momentum(params: Params, grads: Params, memory: Memory, rate: float, mu: float = 0.9) -> tuple[Params, Memory]:
    """v ← μ v + g, W ← W − η v, with μ = 0.9.

    Polyak (1964), in PyTorch's form: η multiplies the whole velocity. Sutskever et al. (2013) write v ← μ v − η g,
    W ← W + v: a later change of η leaves their velocity as it is; for constant η the two are the same.
    """
    v = memory.get("v") or {name: np.zeros_like(g) for name, g in grads.items()}
    for name, g in grads.items():
        v[name] *= mu
        v[name] += g
    return {name: W - rate * v[name] for name, W in params.items()}, {"v": v}


def adam(
    params: Params,
    grads: Params,
    memory: Memory,
    rate: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> tuple[Params, Memory]:
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², W ← W − η m̂/(√v̂ + ε), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).

    Kingma & Ba (2015), algorithm 1, with their β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
    """
    zeros = {name: np.zeros_like(W) for name, W in params.items()}
    memory = memory or {"t": {"t": np.array(0)}, "m": zeros, "v": {name: zero.copy() for name, zero in zeros.items()}}
    t, (beta1, beta2) = int(memory["t"]["t"]) + 1, betas
    new, root = {}, math.sqrt(1.0 - beta2**t)
    for name, g in grads.items():
        m, v = memory["m"][name], memory["v"][name]
        approach(m, g, 1.0 - beta1)
        approach(v, g * g, 1.0 - beta2)
        step = np.sqrt(v)
        step += eps * root
        np.divide(m, step, out=step)
        step *= rate * root / (1.0 - beta1**t)  # η m̂/(√v̂ + ε), with fewer roundings and passes
        new[name] = np.subtract(params[name], step, out=step)
    return new, {**memory, "t": {"t": np.array(t)}}


def approach(average: np.ndarray, value: np.ndarray, share: float) -> None:
    """average ← (1 − share) · average + share · value, in place."""
    gap = value - average
    gap *= share
    average += gap


OPTIMISERS: dict[str, Callable[[Params, Params, Memory, float], tuple[Params, Memory]]] = {
    "sgd": sgd,
    "momentum": momentum,
    "adam": adam,
}
