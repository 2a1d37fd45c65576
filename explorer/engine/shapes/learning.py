"""Learning a shape's task: plain gradient descent on all examples at once, with the weights kept along the way.

The loss of an example is the sum over its steps, as everywhere; the loss of an update is the mean over the examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from explorer.engine.activations import Activation
from explorer.engine.cells import Cell
from explorer.engine.losses import cross_entropy
from explorer.engine.optimisers import sgd
from explorer.engine.shapes import HIDDEN, UPDATES, Shape
from explorer.engine.shapes.chains import Weights, run_chains, send_back
from explorer.engine.shapes.tasks import Example, as_rows
from explorer.engine.weights import draw_params

# After which updates the weights are kept: each about a quarter later than the one before.
KEPT = (0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 63, 80, 100, 126, 160, 200, 250, UPDATES)


@dataclass(frozen=True, eq=False)
class Group:
    """N examples of one length: inputs {chain: (T, N, D)}, targets (T, N), mask (T,) 1 where a loss is taken."""

    examples: tuple[Example, ...]
    inputs: dict[str, np.ndarray]
    targets: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True)
class Setup:
    """How a shape learns: the cell, how far gradients go back (`keep` of a Truncation), and where the weights begin."""

    cell: Cell
    activation: Activation
    keep: Callable[[int, int, np.random.Generator], np.ndarray]
    window: int
    weight_scale: float
    seed: int


@dataclass(frozen=True, eq=False)
class Learnt:
    """updates (C,) after which weights were kept; weights {chain: {name: (C, ...)}} as the engine wants leading axes;
    losses: before each update, and after the last one. A training whose loss is no longer finite has ended there.
    """

    updates: tuple[int, ...]
    weights: Weights
    losses: np.ndarray


def groups(shape: Shape, examples: Sequence[Example]) -> list[Group]:
    """Examples side by side, as many as have their lengths and their losses at the same steps."""

    def layout(example: Example) -> tuple:
        return tuple(map(len, example.reads)), tuple(answer != "" for answer in example.answers)

    return [group(shape, list(alike)) for _, alike in groupby(sorted(examples, key=layout), key=layout)]


def group(shape: Shape, examples: Sequence[Example]) -> Group:
    """Examples of one length as arrays; where nobody knows the answer, class 0 stands for it."""
    place = {name: i for i, name in enumerate(shape.task.classes)} | {"": 0, "?": 0}
    inputs = {
        chain.name: as_rows([example.reads[c] for example in examples], shape.task.symbols)
        for c, chain in enumerate(shape.chains)
    }
    targets = np.array([[place[answer] for answer in example.answers] for example in examples], np.int64).T
    mask = np.array([float(answer != "") for answer in examples[0].answers])
    return Group(tuple(examples), inputs, targets, mask)


def keeps(shape: Shape, inputs: Mapping[str, np.ndarray], setup: Setup) -> dict[str, np.ndarray]:
    """The truncation's factors {chain: (T,)}: time goes on from a chain to the one that starts from its last state."""
    made, end = {}, {}
    for chain in shape.chains:
        T = len(inputs[chain.name])
        end[chain.name] = T + end.get(chain.after, 0)
        rng = np.random.default_rng(setup.seed)
        made[chain.name] = setup.keep(end[chain.name], setup.window, rng)[-T:]
    return made


def draw(shape: Shape, setup: Setup) -> Weights:
    """Weights to begin with, of their own for each chain: W_hh gaussian times the weight scale, forget bias 1."""
    rngs = np.random.default_rng(setup.seed).spawn(len(shape.chains))
    drawn = {}
    for chain, rng in zip(shape.chains, rngs, strict=True):
        sizes = (len(shape.task.symbols), HIDDEN, len(shape.task.classes) if chain.speaks else 0)
        params = draw_params(rng, setup.cell, "gaussian", sizes, 1.0, 0.0, forget_bias=1.0)
        drawn[chain.name] = {**params, "W_hh": setup.weight_scale * params["W_hh"]}
    return drawn


@np.errstate(all="ignore")  # a loss that is no longer finite ends the training
def learn(shape: Shape, setup: Setup) -> Learnt:
    """Gradient descent with the shape's learning rate, from the drawn weights."""
    weights, together = draw(shape, setup), groups(shape, shape.task.examples)
    cuts = [keeps(shape, each.inputs, setup) for each in together]
    kept, losses = {}, []
    for update in range(UPDATES + 1):
        loss, grads = mean_gradients(shape, weights, together, setup, cuts)
        if not np.isfinite(loss):
            break
        losses.append(loss)
        if update in KEPT:
            kept[update] = weights
        weights = {name: sgd(params, grads[name], {}, shape.rate)[0] for name, params in weights.items()}
    stacked = {
        chain: {name: np.stack([np.atleast_2d(each[chain][name]) for each in kept.values()]) for name in params}
        for chain, params in weights.items()
    }
    return Learnt(tuple(kept), stacked, np.array(losses))


def mean_gradients(
    shape: Shape,
    weights: Weights,
    together: Sequence[Group],
    setup: Setup,
    cuts: Sequence[Mapping[str, np.ndarray]],
) -> tuple[float, dict]:
    """The mean loss over the examples of all batches, and its gradient {chain: {name: like the parameter}}."""
    examples = sum(each.targets.shape[1] for each in together)
    loss = 0.0
    grads = {chain: {name: np.zeros_like(W) for name, W in params.items()} for chain, params in weights.items()}
    for each, keep in zip(together, cuts, strict=True):
        done = run_chains(shape.chains, weights, each.inputs, setup.cell, setup.activation)
        losses, dys = cross_entropy(done.logits, each.targets, each.mask)
        share = each.targets.shape[1] / examples  # losses are means over their own batch
        loss += share * float(losses.sum())
        for chain, sent in send_back(shape.chains, weights, done, share * dys, setup.cell, keep).items():
            for name, g in sent.grads.items():
                grads[chain][name] += g
    return loss, grads
