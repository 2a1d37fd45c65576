"""Tasks: what the network reads and what it is asked for.

A task makes a `Sequences` of any length T. A longer T only extends a shorter one (except where a task places events
at fractions of T), so that dragging the length moves one sequence. Tasks with one target repeat it at every step.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Sequences:
    """N sequences of T steps.

    xs (T, N, D) inputs; targets (T, N) int classes or (T, N, O) float; O outputs
    inputs     T strings, the input symbols of the first sequence, or None where inputs have no names
    classes    O strings, the names of the outputs
    """

    xs: np.ndarray
    targets: np.ndarray
    inputs: tuple[str, ...] | None
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """make(T, N, text, rngs) → Sequences; `rngs` holds one generator per sequence. `loss` is a name in LOSSES.

    `extends`: a longer T only extends a shorter one.
    """

    make: Callable[[int, int, str, Sequence[np.random.Generator]], Sequences]
    title: str
    loss: str = "cross_entropy"
    extends: bool = True


def one_hot(index: np.ndarray, size: int) -> np.ndarray:
    """(T, N) int → (T, N, size) with a single 1 along the last axis."""
    xs = np.zeros((*index.shape, size))
    np.put_along_axis(xs, index[..., None], 1.0, axis=-1)
    return xs


def next_symbol(symbols: Sequence[str], T: int, N: int) -> Sequences:
    """Predict the next symbol of a text that is repeated for ever; sequence n starts n symbols in.

    The alphabet is in order of first appearance, over the whole text, so that T does not change it.
    """
    alphabet = tuple(dict.fromkeys(symbols))
    place = {symbol: i for i, symbol in enumerate(alphabet)}
    codes = np.array([place[symbol] for symbol in symbols], dtype=np.int64)
    steps = np.add.outer(np.arange(T + 1), np.arange(N)) % len(codes)
    read = codes[steps]
    shown = tuple(symbols[s] for s in steps[:T, 0])
    return Sequences(one_hot(read[:-1], len(alphabet)), read[1:], shown, alphabet)


def dogs(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """d, o, g → s: the letters of "dogs", one-hot, K = 4."""
    return next_symbol("dogs", T, N)


def hello(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """you say goodbye and I say hello: words → next word, six different ones."""
    return next_symbol(["you", "say", "goodbye", "and", "I", "say", "hello"], T, N)


def typed(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """The characters of the user's own text (Unicode NFC) → the next character."""
    return next_symbol(unicodedata.normalize("NFC", text), T, N)


def temporal_order(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """Distractors c d e f with an A or B near T/10…2T/10 and again near 4T/10…5T/10; the class is AA, AB, BA or BB.

    Hochreiter & Schmidhuber (1997), task 6a, as in Pascanu et al. (2013). The two positions are fixed fractions of T.
    """
    symbols, classes = ("A", "B", "c", "d", "e", "f"), ("AA", "AB", "BA", "BB")
    codes, targets = np.empty((T, N), dtype=np.int64), np.empty((T, N), dtype=np.int64)
    for n, rng in enumerate(rngs):
        first, second = rng.integers(2, size=2)
        at = rng.uniform([0.1, 0.4], [0.2, 0.5])
        codes[:, n] = rng.integers(2, 6, size=T)
        i, j = (at * T).astype(np.int64)
        codes[i, n] = first
        codes[min(max(j, i + 1), T - 1), n] = second
        targets[:, n] = 2 * first + second
    return Sequences(one_hot(codes, 6), targets, tuple(symbols[c] for c in codes[:, 0]), classes)


def noise(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """The null model: inputs N(0, 1) with D = 4, and a random one of four classes at every step."""
    xs, targets = np.empty((T, N, 4)), np.empty((T, N), dtype=np.int64)
    for n, rng in enumerate(rngs):
        for_inputs, for_classes = rng.spawn(2)  # two streams, so that a longer T only extends each
        xs[:, n], targets[:, n] = for_inputs.normal(size=(T, 4)), for_classes.integers(4, size=T)
    return Sequences(xs, targets, None, ("1", "2", "3", "4"))


TASKS: dict[str, Task] = {
    "dogs": Task(dogs, "“dogs”, next letter"),
    "hello": Task(hello, "“you say goodbye…”, next word"),
    "text": Task(typed, "your own text, next character"),
    "order": Task(temporal_order, "temporal order (AA, AB, BA, BB)", extends=False),
    "noise": Task(noise, "noise, random classes"),
}
