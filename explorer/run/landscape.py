"""The loss as a function of the weights: around a network, and down from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import forward, readout
from explorer.engine.cells import CELLS, Params
from explorer.engine.clipping import global_norm
from explorer.engine.losses import LOSSES
from explorer.engine.optimisers import sgd
from explorer.engine.records import Trace
from explorer.run.drawing import sequences, streams
from explorer.run.runs import run


def loss_of(config: Config, params: Params) -> np.ndarray:
    """L = Σ_t L_t as a function of the weights, forward pass only; for difference checks.

    Leading axes of the weights (biases (*lead, 1, H)) and complex weights go through: (*lead,).
    """
    data = sequences(config)
    T, lead = len(data.xs), params["W_hh"].shape[:-2]
    xs, targets = (u.reshape(T, *(1,) * len(lead), *u.shape[1:]) for u in (data.xs, data.targets))
    states, _ = forward(params, xs, CELLS[config.cell], ACTIVATIONS[config.activation])
    losses, _ = LOSSES[config.loss](readout(params, states), targets, np.ones((T, *(1,) * len(lead))))
    return losses.sum(axis=0) if config.loss_at == "every" else losses[-1]


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss around a network's weights θ in two directions of unit length, taken over all parameters together.

    losses (n, n): entry [i, j] = L(θ + distances[j] · gradient direction + distances[i] · a random orthogonal one)
    distances (n,), 0 in the middle; directions, the two as {name: array}
    """

    distances: np.ndarray
    losses: np.ndarray
    directions: tuple[Params, Params]


def landscape(trace: Trace, reach: float, n: int = 41) -> Landscape:
    """The loss in a square of ±reach around the weights of a run; n odd. A row of networks is one batched call."""
    along = scaled(trace.full.grads, 1.0 / trace.full.norm)
    rng = np.random.default_rng(streams(trace.config.seed)[3])
    drawn = {name: rng.normal(size=g.shape) for name, g in along.items()}
    overlap = sum(float((drawn[name] * along[name]).sum()) for name in along)
    aside = {name: drawn[name] - overlap * along[name] for name in along}
    aside = scaled(aside, 1.0 / global_norm(aside))
    distances = np.linspace(-reach, reach, n)
    rows = [losses_at(trace, (along, aside), distances, np.full(n, y)) for y in distances]
    return Landscape(distances, np.array(rows), (along, aside))


def losses_at(trace: Trace, directions: tuple[Params, Params], xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """L(θ + x · first direction + y · second) for points xs, ys (S,) → (S,); NaN where the forward pass overflows."""

    def moved(name: str) -> np.ndarray:
        centre, first, second = (np.atleast_2d(p[name]) for p in (trace.params, *directions))
        return centre + xs[:, None, None] * first + ys[:, None, None] * second

    with np.errstate(all="ignore"):
        return loss_of(trace.config, {name: moved(name) for name in trace.params})


def scaled(grads: Params, factor: float) -> Params:
    """Every entry times one factor."""
    return {name: factor * g for name, g in grads.items()}


def descent(config: Config, params: Params, learning_rate: float, updates: int) -> list[Trace]:
    """Plain gradient descent on one batch from the given weights: the Trace before, and after each update."""
    traces = [run(config, params)]
    for _ in range(updates):
        traces.append(run(config, sgd(traces[-1].params, traces[-1].used.grads, {}, learning_rate)[0]))
    return traces


def updates(config: Config, learning_rate: float) -> Iterator[Trace]:
    """Training: the Trace before each update, every one on a batch of its own (the data of seed, seed + 1, …).

    Updates are clipped as the Config says. Ends after the first gradient that is not finite.
    """
    params = None
    for n in count():
        trace = run(replace(config, seed=(config.seed + n) % 2**31), params)
        yield trace
        if trace.clipped is None:
            return
        params, _ = sgd(trace.params, trace.clipped.grads, {}, learning_rate)
