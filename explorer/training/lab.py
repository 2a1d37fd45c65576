"""A training run as a page holds it: up to four variants in step, their logs, and slices of work between two pictures.

Nothing here knows of Streamlit. A `Lab` lives in the session; `slice` works for some milliseconds and comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from explorer.config import SPECS, Config
from explorer.engine.cells import Params
from explorer.engine.diagnostics import sigma_max, spectral_radius
from explorer.engine.in_place import Arrays
from explorer.engine.training import Update, continue_text, evaluate
from explorer.specs import plain
from explorer.texts import words
from explorer.training.recipe import PRECISIONS, RECIPE_SPECS, Lesson, Recipe, start

MOST_VARIANTS = 4
LOOKS = 100  # how often in a run, beside before and after its first update, validation loss, ρ and σ_max are taken
ROWS = 400  # of the picture steps × updates; when there are more, every second one goes
SAID = 160  # symbols of generated text


@dataclass(frozen=True)
class Look:
    """What was measured after update `number`: loss and accuracy on validation sequences (or NaN), ρ and σ_max."""

    number: int
    loss: float
    accuracy: float
    rho: float
    sigma_max: float


@dataclass
class Variant:
    """One of the runs that go side by side: its log so far, and its weights.

    array            the memory in which its updates work; empty while it does not train
    rows, stride     log10 ‖∂L/∂h_t‖ (T,) of every stride-th update
    fault            why it ended by itself, or ""
    """

    name: str
    lesson: Lesson
    params: Params
    source: Iterator[Update]
    array: Arrays
    look_every: int
    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    clipped_norms: list[float] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)
    stride: int = 1
    looks: list[Look] = field(default_factory=list)
    fault: str = ""
    said: tuple = (None, "")

    @property
    def number(self) -> int:
        """Updates so far."""
        return len(self.losses)

    def advance(self) -> None:
        """One more update, into the log."""
        update = next(self.source)
        self.params, self.fault = update.params, update.fault
        self.losses.append(update.loss)
        self.norms.append(update.norm)
        self.clipped_norms.append(update.clipped_norm)
        if (self.number - 1) % self.stride == 0:
            self.rows.append(update.log10_dh_norms.astype(np.float32))
        if len(self.rows) > ROWS:
            self.rows, self.stride = self.rows[::2], 2 * self.stride
        if self.number % self.look_every == 0 or self.number == 1 or self.fault:
            self.looks.append(look(self))

    def log(self) -> dict[str, np.ndarray]:
        """One number per update for each quantity."""
        names = ("losses", "norms", "clipped_norms")
        return {name: np.array(getattr(self, name), dtype=float) for name in names}

    def say(self, temperature: float) -> str:
        """Text that the network goes on with after the beginning of its training text; at most once between two looks,
        since it costs as much as many updates.
        """
        state = len(self.looks), temperature
        if self.said[0] != state:
            self.said = state, self._say(temperature)
        return self.said[1]

    def _say(self, temperature: float) -> str:
        lesson = self.lesson
        assert lesson.corpus is not None
        words = lesson.recipe.symbols == "words" or max(map(len, lesson.classes)) > 1
        rng, length = np.random.default_rng(self.number), SAID // 4 if words else SAID
        codes = continue_text(lesson.learner, self.params, lesson.corpus.train[:1], length, temperature, rng)
        return (" " if words else "").join(lesson.classes[c] for c in (lesson.corpus.train[0], *codes))


def look(variant: Variant) -> Look:
    """Measure it as it is now."""
    lesson, W = variant.lesson, variant.params["W_hh"].astype(float)
    nothing = float("nan"), float("nan")
    judged = evaluate(lesson.learner, variant.params, lesson.validation) if lesson.validation else nothing
    rates = nothing if lesson.learner.cell.gated else (float(spectral_radius(W)), float(sigma_max(W)))
    return Look(variant.number, *judged, *rates)


@dataclass
class Lab:
    """The variants of a run, and where it stands: "running", "paused" or "done"."""

    config: Config
    recipe: Recipe
    vary: tuple[str, tuple]
    variants: list[Variant]
    budget: int
    state: str = "running"
    seconds: float = 0.0
    ended: float = 0.0

    @property
    def number(self) -> int:
        """Updates so far, of the variant that got furthest."""
        return max(variant.number for variant in self.variants)

    def step(self) -> None:
        """One update of every variant that still learns."""
        open_ones = [v for v in self.variants if not v.fault and v.number < self.budget]
        for variant in open_ones:
            variant.advance()
        if not any(not v.fault and v.number < self.budget for v in self.variants):
            self.state = "done"

    def slice(
        self, seconds: float, between: Callable[[], None] = lambda: None, clock: Callable[[], float] = perf_counter
    ) -> None:
        """Updates for about that long, one at least; the time since the slice before counts as training, up to 1 s.

        `between` is called between any two updates.
        """
        begun = clock()
        while self.state == "running":
            self.step()
            if clock() - begun >= seconds:
                break
            between()
        for variant in self.variants:  # a session that waits for its turn, or for its user, holds no memory for it
            variant.array.clear()
        self.seconds += min(clock() - self.ended, 1.0) if self.ended else clock() - begun
        self.ended = clock()

    def go_on(self) -> None:
        """Continue: after a pause, or beyond the budget."""
        if self.number >= self.budget:
            self.budget += self.recipe.updates
        self.state = "running" if any(not v.fault for v in self.variants) else "done"


def variants_of(config: Config, recipe: Recipe, vary: tuple[str, Sequence]) -> dict[str, tuple[Config, Recipe]]:
    """One setting with several values: {what it is called: settings}. ConfigError where they do not go together."""
    name, values = vary
    if name in RECIPE_SPECS:
        return {title(name, value): (config, replace(recipe, **{name: value})) for value in values}
    return {title(name, value): (replace(config, **{name: value}), recipe) for value in values}


def written(value: str | float) -> str:
    """A setting's value as somebody types it."""
    return value if isinstance(value, str) else plain(value)


def title(name: str, value: str | float) -> str:
    """What the variant with this value is called: "none" alone would read as "nobody"."""
    return words("training.without_it", setting=label_of(name).lower()) if value == "none" else written(value)


def label_of(name: str) -> str:
    """What a setting is called."""
    return (SPECS | RECIPE_SPECS)[name].label


def begin(
    config: Config,
    recipe: Recipe,
    vary: tuple[str, Sequence],
    text: str | None = None,
    params: Params | None = None,
    between: Callable[[], None] = lambda: None,
) -> Lab:
    """A new run of all variants, from their drawn weights or from `params`; `between` is called before each of them."""
    variants, arrays = [], {precision: Arrays(np.dtype(precision)) for precision in PRECISIONS}
    for name, (its_config, its_recipe) in variants_of(config, recipe, vary).items():
        between()
        lesson = start(its_config, its_recipe, text, params)
        look_every = -(-recipe.updates // LOOKS)
        array = arrays[its_recipe.precision]  # one after the other, all variants work in the same memory
        variants.append(Variant(name, lesson, lesson.params, lesson.updates(array), array, look_every))
        variants[-1].looks.append(look(variants[-1]))  # what training begins from
    return Lab(config, recipe, (vary[0], tuple(vary[1])), variants, recipe.updates)
