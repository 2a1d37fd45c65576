"""Success against length: how many seeds solve temporal order within a budget of updates, over T.

After Pascanu, Mikolov & Bengio (2013), figure 7, in small: what clipping and what gated cells change.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from explorer.config import CELL_TITLES, Config
from explorer.engine.cells import CELLS
from explorer.run import run
from explorer.training.lab import Variant, begin
from explorer.training.recipe import Recipe

LENGTHS = (5, 10, 20, 30, 40, 50)
SEEDS = 6
BUDGET = 600
LOOK_EVERY = 20  # updates
BASE = Config(task="order", batch_size=20, hidden_size=32, init="orthogonal", truncation="full", clip="none")
RECIPE = Recipe(optimiser="sgd", learning_rate=0.5, precision="float32")
METHODS: dict[str, Config] = {
    "SGD": BASE,
    "SGD + clip": replace(BASE, clip="norm", clip_at=1.0),
    **{
        f"{CELL_TITLES[name]} + clip": replace(BASE, cell=name, clip="norm", clip_at=1.0)
        for name, cell in CELLS.items()
        if cell.gated
    },
}

Job = tuple[str, int, int]  # method, T, seed
HEADER = ("method", "T", "seed", "budget", "solved_after")


def attempt(job: Job, budget: int) -> Variant:
    """A run that is about to try; `tried` says what became of it."""
    method, T, seed = job
    config = replace(METHODS[method], sequence_length=T, seed=seed)
    (variant,) = begin(config, replace(RECIPE, updates=budget), ("cell", (config.cell,))).variants
    variant.look_every = LOOK_EVERY
    return variant


def tried(variant: Variant, budget: int) -> int | None:
    """Updates until every validation sequence was right; 0 where that did not happen; None while it goes on."""
    if variant.looks and variant.looks[-1].accuracy == 1.0:
        return variant.number
    return 0 if variant.fault or variant.number >= budget else None


def solve(job: Job, budget: int) -> int:
    """The whole attempt: updates needed, or 0."""
    variant = attempt(job, budget)
    while (result := tried(variant, budget)) is None:
        variant.advance()
    return result


def jobs(lengths: Iterable[int] = LENGTHS, seeds: int = SEEDS) -> list[Job]:
    """Everything that is tried: seed after seed, so that a picture of all lengths is there early."""
    return [(method, T, seed) for seed in range(seeds) for T in lengths for method in METHODS]


@dataclass
class Survey:
    """Results so far, {job: updates needed or 0}, and the attempt under way. Resumable: what is known is not redone."""

    todo: list[Job]
    budget: int = BUDGET
    results: dict[Job, int] = field(default_factory=dict)
    state: str = "running"
    current: Variant | None = None

    def left(self) -> list[Job]:
        """Jobs without a result."""
        return [job for job in self.todo if job not in self.results]

    def slice(
        self, seconds: float, between: Callable[[], None] = lambda: None, clock: Callable[[], float] = perf_counter
    ) -> None:
        """Updates for about that long; `between` is called between any two."""
        begun, left = clock(), self.left()
        while left and clock() - begun < seconds:
            if self.current is None:
                self.current = attempt(left[0], self.budget)
            self.current.advance()
            result = tried(self.current, self.budget)
            if result is not None:
                self.results[left.pop(0)] = result
                self.current = None
            between()
        if not left:
            self.state = "done"


def wilson(successes: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% interval of a share, right for few trials and at 0 and 1.   Wilson (1927)."""
    p, zz = successes / n, z * z
    centre = (p + zz / (2 * n)) / (1 + zz / n)
    half = z / (1 + zz / n) * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return centre - half, centre + half


def shares(results: Mapping[Job, int]) -> dict[str, dict[int, tuple[int, int]]]:
    """{method: {T: (seeds that solved it, seeds tried)}}, lengths in order."""
    counted: dict[str, dict[int, tuple[int, int]]] = {}
    for (method, T, _), needed in sorted(results.items()):
        solved, n = counted.setdefault(method, {}).get(T, (0, 0))
        counted[method][T] = solved + (needed > 0), n + 1
    return {method: dict(sorted(by_length.items())) for method, by_length in counted.items()}


def reach(lengths: Iterable[int], seeds: int) -> dict[int, float]:
    """Median over seeds of log10 ‖∂L_T/∂h_1‖/‖∂L_T/∂h_T‖ before any training, for the vanilla cell."""
    rows = {T: [run(replace(BASE, sequence_length=T, seed=s)).last_row for s in range(seeds)] for T in lengths}
    return {T: float(np.median([row[0] - row[-1] for row in of_T])) for T, of_T in rows.items()}


def to_csv(results: Mapping[Job, int], budget: int) -> str:
    """One line per attempt; solved_after is empty where it was not."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    for job, needed in results.items():
        writer.writerow([*job, budget, needed or ""])
    return file.getvalue()


def from_csv(text: str) -> tuple[dict[Job, int], int]:
    """The inverse; ValueError with the line that cannot be used."""
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(rows[0]) != HEADER:
        raise ValueError(f"this is no such table: its first line has to be {','.join(HEADER)}")
    results, budgets = {}, set()
    for number, row in enumerate(rows[1:], 2):
        try:
            method, T, seed, budget, needed = row
            job = method, int(T), int(seed)
            results[job] = int(needed or 0)
            budgets.add(int(budget))
            good = method in METHODS and 1 <= job[1] <= 1000 and 0 <= results[job] <= int(budget)
        except ValueError:
            good = False
        if not good or number > 100_000:
            raise ValueError(f"line {number} cannot be used: a known method, T, seed, budget and updates are needed")
    if len(budgets) != 1:
        raise ValueError("all lines have to have the same budget, and there has to be one line at least")
    return results, budgets.pop()
