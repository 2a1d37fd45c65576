"""What training reads: batches without end, some fresh, some going on where the last one stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.engine.tasks import Task, one_hot


@dataclass(frozen=True, eq=False)
class Batch:
    """What one update reads.

    xs (T, N, D), targets (T, N) or (T, N, O), mask (T,) 1 where the loss is taken
    fresh      the state starts at h_0 = 0; else it is carried on from the batch before, as a constant
    """

    xs: np.ndarray
    targets: np.ndarray
    mask: np.ndarray
    fresh: bool


def whole(task: Task, T: int, N: int, text: str, rng: np.random.Generator) -> Batch:
    """N new sequences of T steps."""
    data = task.make(T, N, text, [rng] * N)
    return Batch(data.xs, data.targets, (np.arange(T) >= task.asks_from(T)).astype(float), True)


def from_task(task: Task, T: int, N: int, text: str, rng: np.random.Generator, chunk: int) -> Iterator[Batch]:
    """New sequences for ever, in chunks of at most `chunk` steps; the state starts anew with each sequence."""
    while True:
        batch = whole(task, T, N, text, rng)
        for at in range(0, T, chunk):
            part = slice(at, at + chunk)
            yield Batch(batch.xs[part], batch.targets[part], batch.mask[part], at == 0)


def from_text(codes: np.ndarray, symbols: int, N: int, T: int, carried: bool) -> Iterator[Batch]:
    """One text (L,) of codes read by N readers, T steps at a time; they start evenly spread and go round and round.

    Where the state is carried on, nothing is forgotten at an edge, only no gradient crosses it.
    """
    L = len(codes)
    reader = np.arange(N) * L // N
    for at in range(0, 2**62, T):
        read = codes[(np.arange(T + 1)[:, None] + reader + at % L) % L]
        yield Batch(one_hot(read[:-1], symbols), read[1:], np.ones(T), at == 0 or not carried)
