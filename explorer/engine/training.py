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
from functools import partial

import numpy as np

from explorer.engine.activations import Activation
from explorer.engine.batches import Batch
from explorer.engine.bptt import bptt, forward, readout, weight_gradients
from explorer.engine.cells import Cell, Params
from explorer.engine.clipping import Grads, global_norm
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import right, softmax
from explorer.engine.norms import log10_norms
from explorer.engine.optimisers import Memory
from explorer.engine.tasks import one_hot
from explorer.engine.truncation import Truncation


@dataclass(frozen=True)
class Learner:
    """How an update is made. The learning rate of update u is η · decay^((u − 1)/100)."""

    cell: Cell
    activation: Activation
    loss: Callable
    optimiser: Callable[[Params, Params, Memory, float], tuple[Params, Memory]]
    learning_rate: float
    decay: float
    clipper: Callable[[Grads, float], Grads] | None
    clip_at: float
    truncation: Truncation
    window: int


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


def train(learner: Learner, params: Params, batches: Iterator[Batch], rng: np.random.Generator) -> Iterator[Update]:
    """Update after update, for ever, or until something is no longer finite. The precision is that of `params`.

    A batch without a loss only moves the state on. `rng` draws the cuts of randomised truncation.
    """
    memory: Memory = {}
    number, s = 0, None
    dtype = params["W_hh"].dtype
    for batch in batches:
        with np.errstate(all="ignore"):  # an overflow ends the run with a sentence, below
            xs = batch.xs.astype(dtype, copy=False)
            states, pre = forward(params, xs, learner.cell, learner.activation, None if batch.fresh else s)
            s = states[-1]
            if not batch.mask.any():
                continue
            number += 1
            rate = learner.learning_rate * learner.decay ** ((number - 1) / 100)
            outputs = readout(params, states)
            mask = batch.mask.astype(dtype) / batch.mask.sum(dtype=dtype)
            losses, dys = learner.loss(outputs, batch.targets, mask)
            factors = learner.cell.factors(pre, states, learner.activation)
            cut = cuts(learner, len(xs), rng)
            backward = partial(gradients, learner, params, xs, states, factors, dys, cut)
            dhs, grads = backward()
            used = grads if learner.clipper else backward(learner.clip_at)[1]  # None clips inside the backward loop
            norm, loss = global_norm(grads), float(losses.sum())
            clipped_norm, new = global_norm(used), params
            fault = unusable(states, loss, clipped_norm, dtype)
            if not fault:
                clipped = learner.clipper(used, learner.clip_at) if learner.clipper else used
                clipped_norm = global_norm(clipped)
                new, memory = learner.optimiser(params, clipped, memory, rate)
                if not all(np.isfinite(W).all() for W in new.values()):
                    new, fault = params, f"a weight would leave the range of {dtype}: the step is too long"
        params = new
        yield Update(number, loss, rate, norm, clipped_norm, log10_norms(dhs), params, fault)
        if fault:
            return


def cuts(learner: Learner, T: int, rng: np.random.Generator) -> np.ndarray:
    """The learner's truncation of T steps: factors (T,) of a recurrence, or a mask (T, T)."""
    truncation = learner.truncation
    return (truncation.keep or truncation.mask)(T, learner.window, rng)


def gradients(
    learner: Learner,
    params: Params,
    xs: np.ndarray,
    states: np.ndarray,
    factors: np.ndarray,
    dys: np.ndarray,
    cut: np.ndarray,
    clip_at: float = np.inf,
) -> tuple[np.ndarray, Params]:
    """dhs (T, N, H) and the gradients of the parameters under a truncation, clipped at each step if asked to."""
    cell = learner.cell
    if cut.ndim == 1:
        dss, grads = bptt(params, xs, states, factors, dys, cell, cut, clip_at)
    else:
        (dss,) = gradient_flow(params, factors, dys, cell, cut[None], clip_at=clip_at)[1]
        grads = weight_gradients(xs, states, cell.to_pre(dss, factors), dys, cell)
    return cell.split(dss)["h"], grads


def unusable(states: np.ndarray, loss: float, norm: float, dtype: np.dtype) -> str:
    """Why no update can be made, or ""."""
    if np.isfinite(loss) and np.isfinite(norm):
        return ""
    finite = np.isfinite(states).all(axis=(1, 2))
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
