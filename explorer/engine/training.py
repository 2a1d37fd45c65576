"""Learning: what an update does with a gradient."""

from __future__ import annotations

from explorer.engine.cells import Params


def sgd(params: Params, grads: Params, learning_rate: float) -> Params:
    """W ← W − η dW for every parameter: one step of gradient descent. Returns new arrays."""
    return {name: W - learning_rate * grads[name] for name, W in params.items()}
