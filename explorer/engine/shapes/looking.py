"""One example through the network as it was after 0, 1, 2, … updates: all of them in one batched call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.engine.losses import cross_entropy, softmax
from explorer.engine.norms import log10_norms
from explorer.engine.shapes import Shape
from explorer.engine.shapes.chains import Chain, Pass, Sent, Weights, run_chains, send_back
from explorer.engine.shapes.learning import Group, Learnt, Setup, group, groups, keeps
from explorer.engine.shapes.tasks import Example, as_rows


@dataclass(frozen=True, eq=False)
class Norms:
    """log10 of gradient norms at one chain, after each of C updates; steps are in the order of time.

    states (C, T)      ‖∂L/∂s_t‖, of an LSTM h and c together
    back (C, T)        what step t sends to the state that it read; −inf where a truncation cuts
    entering (C, T)    ‖∂L/∂a_t‖, which is what the input of step t and the weights receive
    own (C, T)         ‖∂L_t/∂h_t‖, what the loss at step t says to its own state
    flow (C, R, T)     ‖∂L_t/∂s_k‖, a row for each of the R losses
    kept (T,)          False where a truncation cuts what step t would send back
    """

    states: np.ndarray
    back: np.ndarray
    entering: np.ndarray
    own: np.ndarray
    flow: np.ndarray
    kept: np.ndarray


@dataclass(frozen=True, eq=False)
class Look:
    """What one example does in a network, after each of C updates.

    updates (C,)            after which
    reads {chain: C × T}    the symbols that are read
    answers (C, T) int      the likeliest class, probs (C, T) its probability
    targets (T,) int        what is asked for; `known` if that is the truth, else it is the last network's own answer
    losses (C, T)           in nats, 0 where none is taken
    asked (R,)              the steps at which a loss is taken
    norms {chain: Norms}
    """

    updates: tuple[int, ...]
    reads: dict[str, list[tuple[str, ...]]]
    answers: np.ndarray
    probs: np.ndarray
    targets: np.ndarray
    known: bool
    losses: np.ndarray
    asked: np.ndarray
    norms: dict[str, Norms]


@np.errstate(all="ignore")  # a network that explodes while it learns may overflow here
def look(shape: Shape, setup: Setup, learnt: Learnt, example: Example, listening: bool = False) -> Look:
    """Follow one example. `listening`: a chain that hears itself reads its own answers, not the right ones."""
    one = group(shape, [example])
    inputs, done = ask(shape, setup, learnt.weights, one, listening)
    known, asked = "?" not in example.answers, np.flatnonzero(one.mask)
    targets = one.targets if known else done.logits[:, -1].argmax(axis=-1)
    losses, dys = cross_entropy(done.logits, targets[:, None], one.mask[:, None])
    keep = keeps(shape, inputs, setup)
    total = send_back(shape.chains, learnt.weights, done, dys, setup.cell, keep)
    each = send_back(shape.chains, learnt.weights, with_rows(done), one_loss_each(dys, asked), setup.cell, keep)
    probs = softmax(done.logits)[..., 0, :]
    return Look(
        learnt.updates,
        {chain.name: names(inputs[chain.name], shape.task.symbols, len(learnt.updates)) for chain in shape.chains},
        probs.argmax(axis=-1).T,
        probs.max(axis=-1).T,
        targets[:, 0],
        known,
        losses.T,
        asked,
        {chain.name: norms(chain, total[chain.name], each[chain.name], keep[chain.name]) for chain in shape.chains},
    )


def norms(chain: Chain, total: Sent, each: Sent, keep: np.ndarray) -> Norms:
    """Lengths of what comes back to a chain, in the order of time: (T, C, ...) → (C, T), (T, R, C, ...) → (C, R, T)."""

    def length(u: np.ndarray) -> np.ndarray:
        return np.moveaxis(log10_norms(chain.turned(u)), 0, -1)

    flow = np.moveaxis(log10_norms(chain.turned(each.dss)), (0, 1, 2), (2, 1, 0))
    kept = chain.turned(keep) != 0.0
    return Norms(length(total.dss), length(total.back), length(total.das), length(total.own), flow, kept)


def one_loss_each(dys: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """A copy of dys for each of R steps, with the loss of that step alone: (T, C, N, O) → (T, R, C, N, O).

    Through `send_back` it keeps every ∂L_t/∂s_k apart.
    """
    alone = np.zeros((len(dys), len(steps), *dys.shape[1:]))
    alone[steps, np.arange(len(steps))] = dys[steps]
    return alone


def with_rows(done: Pass) -> Pass:
    """The same pass with an axis for one row per loss: (T, C, N, ·) → (T, 1, C, N, ·)."""
    parts = ({name: u[:, None] for name, u in part.items()} for part in (done.xs, done.states, done.factors))
    return Pass(*parts, done.logits)


def ask(
    shape: Shape, setup: Setup, weights: Weights, one: Group, listening: bool
) -> tuple[dict[str, np.ndarray], Pass]:
    """Run weights with a leading axis (C, ...) on a batch: what was read, {chain: (T, C or 1, N, D)}, and the pass.

    A chain that is `listening` to itself goes step by step: what it answers is what it reads next.
    """
    inputs = {name: x[:, None] for name, x in one.inputs.items()}

    def run() -> Pass:
        return run_chains(shape.chains, weights, inputs, setup.cell, setup.activation)

    for chain in shape.chains:
        if listening and chain.hears_itself:
            symbol_of = as_rows([shape.task.classes], shape.task.symbols)[:, 0]  # class → the symbol of that name
            for t in range(1, len(inputs[chain.name])):
                said = run().logits[t - 1].argmax(axis=-1)
                x = inputs[chain.name]
                inputs[chain.name] = np.broadcast_to(x, (len(x), *said.shape, x.shape[-1])).copy()
                inputs[chain.name][t] = symbol_of[said]
    return inputs, run()


def names(x: np.ndarray, symbols: Sequence[str], C: int) -> list[tuple[str, ...]]:
    """The symbols that were read, per update: (T, C or 1, 1, D) → C × T."""
    rows = [tuple(symbols[row.argmax()] if row.any() else "" for row in x[:, c, 0]) for c in range(x.shape[1])]
    return rows * (C // len(rows))


@dataclass(frozen=True, eq=False)
class Answers:
    """What the network answers to many examples when asked, after each of C updates.

    texts N × C    the answers, symbol by symbol      probs (N, C)    the probability of the whole answer
    right (N, C)   whether every symbol is right
    """

    examples: tuple[Example, ...]
    texts: list[list[tuple[str, ...]]]
    probs: np.ndarray
    right: np.ndarray


@np.errstate(all="ignore")
def answers(shape: Shape, setup: Setup, learnt: Learnt, examples: Sequence[Example]) -> Answers:
    """Ask every example; chains that hear themselves read their own answers."""
    found = {}
    for one in groups(shape, examples):
        _, done = ask(shape, setup, learnt.weights, one, listening=True)
        asked = np.flatnonzero(one.mask)
        probs = softmax(done.logits[asked])  # (R, C, N, O)
        said = probs.argmax(axis=-1)
        right = (said == one.targets[asked][:, None]).all(axis=0)
        for n, example in enumerate(one.examples):
            texts = [tuple(shape.task.classes[i] for i in said[:, c, n]) for c in range(said.shape[1])]
            found[example.text] = texts, probs.max(axis=-1)[..., n].prod(axis=0), right[:, n]
    texts, probs, right = zip(*(found[example.text] for example in examples), strict=True)
    return Answers(tuple(examples), list(texts), np.stack(probs), np.stack(right))
