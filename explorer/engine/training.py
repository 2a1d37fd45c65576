"""Learning: an iterator that makes one update after another and says what each of them did.

    forward → loss → backpropagation through time → clipping → optimiser,   once per batch

The loss of an update is the mean over the batch and over the steps at which it is taken, so that neither the learning
rate nor the clip threshold depends on T. (A `Trace` has the sum over steps: for tasks with one answer, the same.)

Truncated backpropagation is two things. Cutting one long gradient (`Learner.truncation`) makes one update per sequence
out of shorter terms. What training loops do is another: an update after every chunk of steps, the state carried on
(see `batches`). The weights then change within the sequence, and there are more updates for the same reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Activation
from explorer.engine.batches import Batch
from explorer.engine.bptt import bptt, forward, readout, weight_gradients
from explorer.engine.cells import Cell, Params
from explorer.engine.clipping import Grads, global_norm
from explorer.engine.flow import gradient_flow
from explorer.engine.in_place import LOOPS, Arrays, in_place
from explorer.engine.losses import right, softmax
from explorer.engine.norms import log10_norms
from explorer.engine.optimisers import Memory
from explorer.engine.tasks import one_hot
from explorer.engine.truncation import Truncation


@dataclass(frozen=True)
class Learner:
    """How an update is made. The learning rate of update u is η · decay^((u − 1)/100).

    clipper    or None for the kind that clips inside the backward loop
    cut        (T, window, rng) → what a truncation leaves of T steps: factors (T,) of a recurrence, or a mask (T, T)
    passes     `in_place` or `by_the_book`, see `quickest`
    """

    cell: Cell
    activation: Activation
    loss: Callable
    optimiser: Callable[[Params, Params, Memory, float], tuple[Params, Memory]]
    learning_rate: float
    decay: float
    clipper: Callable[[Grads, float], Grads] | None
    clip_at: float
    cut: Callable[[int, int, np.random.Generator], np.ndarray]
    window: int
    passes: Callable


@dataclass(frozen=True, eq=False)
class Update:
    """What one update saw and did.

    number                 u = 1, 2, …
    loss                   of this batch before the update, in nats (or ½ squared error)
    rate                   its learning rate
    norm, clipped_norm     ‖g‖ before and after clipping
    log10_dh_norms (T,)    log10 ‖∂L/∂h_t‖ of the gradient that is used
    params                 after the update; where it failed, the last good ones
    fault                  why there is no update, e.g. an overflow: then training has ended. Else ""
    """

    number: int
    loss: float
    rate: float
    norm: float
    clipped_norm: float
    log10_dh_norms: np.ndarray
    params: Params
    fault: str = ""


@dataclass(frozen=True, eq=False)
class Found:
    """What a batch says: loss, log10 ‖∂L/∂h_t‖, ‖g‖ of the raw gradient, the gradient to clip, what is wrong or ""."""

    loss: float
    log10_dh_norms: np.ndarray
    norm: float
    grads: Params
    fault: str


def train(
    learner: Learner,
    params: Params,
    batches: Iterator[Batch],
    rng: np.random.Generator,
    array: Arrays | None = None,
) -> Iterator[Update]:
    """Update after update, for ever, or until something is no longer finite. The precision is that of `params`.

    A batch without a loss only moves the state on. `rng` draws the cuts of randomised truncation. `array` hands out the
    arrays in which updates work: runs that take turns may share it, and between two updates it may be cleared.
    """
    weights, memory, number, s = flat(params), {}, 0, None
    array = array or Arrays(weights.dtype)
    for batch in batches:
        with np.errstate(all="ignore"):  # an overflow ends the run with a sentence
            cut = learner.cut(len(batch.xs), learner.window, rng)
            s, found = read(learner, params, batch, s, cut, array)
            if found is None:
                continue
            number += 1
            rate = learner.learning_rate * learner.decay ** ((number - 1) / 100)
            fault, clipped = found.fault, found.grads
            if not fault:
                clipped = learner.clipper(clipped, learner.clip_at) if learner.clipper else clipped
                new, memory = learner.optimiser({"all": weights}, {"all": flat(clipped)}, memory, rate)
                if np.isfinite(new["all"]).all():
                    weights = new["all"]
                    params = shaped(weights, params)
                else:
                    fault = f"a weight would leave the range of {weights.dtype}: the step is too long"
        yield Update(number, found.loss, rate, found.norm, global_norm(clipped), found.log10_dh_norms, params, fault)
        if fault:
            return


def read(
    learner: Learner, params: Params, batch: Batch, s: np.ndarray | None, cut: np.ndarray, array: Arrays
) -> tuple[np.ndarray, Found | None]:
    """Forward, loss, and back: the state after the batch, and what was found; None where no loss is taken."""
    cell, dtype = learner.cell, params["W_hh"].dtype
    xs = batch.xs.astype(dtype, copy=False)
    hs, s, backward = learner.passes(cell, params, xs, learner.activation, None if batch.fresh else s, array)
    if not batch.mask.any():
        return s, None
    mask = (batch.mask / batch.mask.sum()).astype(dtype)
    losses, dys = learner.loss(readout(params, hs), batch.targets, mask)
    dhs, grads = backward(dys, cut)
    loss, norm, log_norms = float(losses.sum()), global_norm(grads), log10_norms(dhs)
    if not learner.clipper:  # this kind clips inside the backward loop
        _, grads = backward(dys, cut, learner.clip_at)
    return s, Found(loss, log_norms, norm, grads, unusable(hs, loss, global_norm(grads), dtype))


def flat(params: Params) -> np.ndarray:
    """All parameters as one vector: to an optimiser, every entry is alike."""
    return np.concatenate([W.ravel() for W in params.values()])


def shaped(vector: np.ndarray, like: Params) -> Params:
    """The vector as parameters again, views."""
    params, at = {}, 0
    for name, W in like.items():
        params[name] = vector[at : at + W.size].reshape(W.shape)
        at += W.size
    return params


def quickest(cell: Cell, clipper: Callable | None, truncation: Truncation) -> Callable:
    """The passes that train it: quick ones exist for truncations that are a recurrence, clipped after the loop."""
    return in_place if cell in LOOPS and clipper and truncation.keep else by_the_book


def by_the_book(
    cell: Cell, params: Params, xs: np.ndarray, activation: Activation, s: np.ndarray | None, array: Arrays
) -> tuple[np.ndarray, np.ndarray, Callable]:
    """Forward → hs (T+1, N, H), the last state (N, S), and backward(dys, cut, clip_at) → dhs, gradients."""
    states, pre = forward(params, xs, cell, activation, s)
    factors = cell.factors(pre, states, activation)

    def backward(dys: np.ndarray, cut: np.ndarray, clip_at: float = np.inf) -> tuple[np.ndarray, Params]:
        """Under a recurrence (T,) or a mask (T, T), clipped at each step if asked to."""
        if cut.ndim == 1:
            dss, grads = bptt(params, xs, states, factors, dys, cell, cut, clip_at)
        else:
            (dss,) = gradient_flow(params, factors, dys, cell, cut[None], clip_at=clip_at)[1]
            dss = dss.astype(xs.dtype, copy=False)  # the sweep is float64, whatever it is given
            grads = weight_gradients(xs, states, cell.to_pre(dss, factors), dys, cell)
        return cell.split(dss)["h"], grads

    return cell.split(states)["h"], states[-1], backward


def unusable(hs: np.ndarray, loss: float, norm: float, dtype: np.dtype) -> str:
    """Why no update can be made, or ""."""
    if np.isfinite(loss) and np.isfinite(norm):
        return ""
    finite = np.isfinite(hs).all(axis=(1, 2))
    if not finite.all():
        return f"the state at step {int(np.argmin(finite))} leaves the range of {dtype}"
    if not np.isfinite(loss):
        return f"the loss is no longer a finite {dtype}"
    return f"the states are finite, but the gradient leaves the range of {dtype} on its way back"


def evaluate(learner: Learner, params: Params, batch: Batch) -> tuple[float, float]:
    """Loss, and the share of answers that are right, on a batch, forward only; the state starts at 0."""
    with np.errstate(all="ignore"):
        xs = batch.xs.astype(params["W_hh"].dtype, copy=False)
        outputs = readout(params, forward(params, xs, learner.cell, learner.activation)[0])
        losses, _ = learner.loss(outputs, batch.targets, batch.mask / batch.mask.sum())
    return float(losses.sum()), float(right(outputs, batch.targets)[batch.mask > 0.0].mean())


def continue_text(
    learner: Learner, params: Params, start: np.ndarray, length: int, temperature: float, rng: np.random.Generator
) -> np.ndarray:
    """Symbols that the network says after reading `start` (L,): each is drawn from softmax(y/τ) and then read itself.

    Temperature τ = 0 takes the most probable one. → codes (length,). D = O symbols.
    """
    O = params["W_hy"].shape[-1]
    said, s, read = [], None, start
    for _ in range(length):
        states, _ = forward(params, one_hot(read[:, None], O), learner.cell, learner.activation, s)
        s, y = states[-1], readout(params, states[-2:])[0, 0]
        drawn = y.argmax() if temperature == 0.0 else rng.choice(O, p=softmax(y.astype(float) / temperature))
        read = np.array([drawn])
        said.append(int(drawn))
    return np.array(said, dtype=np.int64)
