"""Losses on the outputs of all steps at once: value and gradient.

A loss takes y (T, ..., N, O), targets and a mask (T, ...) of the steps at which it is taken. It returns
`losses` (T, ...), means over the batch, 0 where the mask is 0, and `dys` (T, ..., N, O) = ∂(Σ_t losses_t)/∂y.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """p_i = e^{y_i} / Σ_j e^{y_j} over the last axis; the largest logit is taken off first, so nothing overflows."""
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy(logits: np.ndarray, targets: np.ndarray, mask: np.ndarray):
    """L_t = mean_n −ln p_n[target_n],  ∂L_t/∂logits = (p − one-hot target)/N.

    logits (T, ..., N, O), targets int (T, ..., N), mask (T, ...); in nats.
    −ln p is taken as logsumexp(y) − y[target], which stays finite where p itself rounds to 0.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=-1, keepdims=True)
    index = np.broadcast_to(targets, logits.shape[:-1])[..., None]
    nll = (np.log(total) - np.take_along_axis(shifted, index, axis=-1))[..., 0]
    dlogits = e / total - (np.arange(logits.shape[-1]) == index)  # p − one-hot
    dlogits *= mask[..., None, None] / logits.shape[-2]
    return nll.mean(axis=-1) * mask, dlogits


def squared_error(outputs: np.ndarray, targets: np.ndarray, mask: np.ndarray):
    """L_t = mean_n ½ Σ_o (y − target)²,  ∂L_t/∂y = (y − target)/N.

    outputs and targets (T, ..., N, O), mask (T, ...).
    """
    error = outputs - targets.astype(outputs.dtype, copy=False)
    losses = 0.5 * (error**2).sum(axis=-1).mean(axis=-1) * mask
    return losses, error * (mask[..., None, None] / outputs.shape[-2])


def right(outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Which answers are right: the largest logit is the target's; for float targets, every entry within 0.04.

    outputs (T, ..., N, O) → bool (T, ..., N). The 0.04 is that of Hochreiter & Schmidhuber (1997), experiment 4.
    """
    if np.issubdtype(targets.dtype, np.integer):
        return np.take_along_axis(outputs, targets[..., None], axis=-1)[..., 0] == outputs.max(axis=-1)
    return (np.abs(outputs - targets) < 0.04).all(axis=-1)


def perplexity(mean_cross_entropy: float) -> float:
    """exp of the mean cross-entropy in nats: the number of equally likely choices it amounts to."""
    return float(np.exp(mean_cross_entropy))


LOSSES: dict[str, Callable] = {"cross_entropy": cross_entropy, "squared_error": squared_error}
