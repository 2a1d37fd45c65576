"""From settings to a training run: `start(config, recipe)` → an iterator of updates, and what they are judged by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from explorer.config import Config, ConfigError
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.batches import Batch, from_task, from_text, whole
from explorer.engine.cells import CELLS, Params
from explorer.engine.clipping import CLIPPERS
from explorer.engine.in_place import Arrays
from explorer.engine.losses import LOSSES
from explorer.engine.optimisers import OPTIMISERS
from explorer.engine.tasks import TASKS, coded
from explorer.engine.training import Learner, Update, quickest, train
from explorer.engine.truncation import TRUNCATIONS
from explorer.run import drawn_params, streams
from explorer.specs import Choice, Number, Spec, preferred, setting, spec_of
from explorer.training.trained import MOST_SYMBOLS

SHORTEST_SPLIT = 200  # symbols: a shorter text is too short to hold a tenth of it back
VALIDATION = (100, 20)  # steps and readers of the held-back text
VALIDATION_SEQUENCES = 64
RARE = "‹rare›"
PRECISIONS = ("float64", "float32")
UPDATES = {"sequence": "after every sequence of T steps", "chunk": "after every chunk of `window` steps"}


@dataclass(frozen=True)
class Recipe:
    """How a Config is trained. One field per control, as in Config."""

    optimiser: str = setting(
        "adam", Choice("Optimiser", "optimiser", "What an update does with the gradient.", OPTIMISERS)
    )
    learning_rate: float = setting(
        0.01, Number("Learning rate η", "learning_rate", "Length of a step.", 1e-6, 10, grid=preferred(0.0001, 10))
    )
    decay: float = setting(
        1.0,
        Number(
            "Decay", "decay", "The learning rate is multiplied by this in every 100 updates.", 0.01, 1, advanced=True
        ),
    )
    update: str = setting(
        "sequence",
        Choice(
            "Update",
            "update",
            "After a whole sequence, or after every chunk with the state carried on.",
            UPDATES,
            advanced=True,
        ),
    )
    updates: int = setting(
        500,
        Number("Updates", "updates", "Where training ends.", 1, 100_000, True, (50, 100, 200, 500, 1000, 2000, 5000)),
    )
    symbols: str = setting(
        "characters", Choice("Symbols", "symbols", "What a text is made of.", ("characters", "words"), advanced=True)
    )
    precision: str = setting("float64", Choice("Precision", "precision", "Of all numbers.", PRECISIONS, advanced=True))

    def __post_init__(self) -> None:
        for name, spec in RECIPE_SPECS.items():
            object.__setattr__(self, name, spec.check(name, getattr(self, name)))


RECIPE_SPECS: dict[str, Spec] = {f.name: spec_of(f) for f in fields(Recipe)}


@dataclass(frozen=True, eq=False)
class Corpus:
    """A text as codes: `alphabet` (O,) names them, `train` and `held_back` hold them; a short text holds none back."""

    alphabet: tuple[str, ...]
    train: np.ndarray
    held_back: np.ndarray


@dataclass(frozen=True, eq=False)
class Lesson:
    """A training run before it begins: iterate `updates()`; judge by `validation`.

    validation       sequences that are never trained on, or held-back text; None where the text is too short
    fixed, inputs    the one sequence whose states and answers are looked at while learning goes on
    """

    config: Config
    recipe: Recipe
    learner: Learner
    params: Params
    classes: tuple[str, ...]
    corpus: Corpus | None
    validation: Batch | None
    fixed: Batch
    inputs: tuple[str, ...] | None

    def updates(self, array: Arrays | None = None) -> Iterator[Update]:
        """The updates, one by one, without end unless one fails. Each call starts the same run again."""
        cuts = np.random.default_rng(streams(self.config.seed)[2])
        return train(self.learner, self.params, self.batches(), cuts, array)

    def batches(self) -> Iterator[Batch]:
        """What the updates read, from the beginning."""
        config, rng = self.config, np.random.default_rng(streams(self.config.seed)[1])
        T, N = config.sequence_length, config.batch_size
        chunk = min(config.window, T) if self.recipe.update == "chunk" else T
        if self.corpus is not None:
            return from_text(self.corpus.train, len(self.classes), N, chunk, self.recipe.update == "chunk")
        return from_task(TASKS[config.task], T, N, config.text, rng, chunk)

    @property
    def blind_loss(self) -> float:
        """What a model pays that does not look at its inputs."""
        return float(TASKS[self.config.task].blind(len(self.classes)))


def start(config: Config, recipe: Recipe, text: str | None = None, params: Params | None = None) -> Lesson:
    """A training run of a Config, from its drawn weights or from `params`. `text` replaces the Config's own."""
    task = TASKS[config.task]
    text = config.text if text is None else text
    corpus = None if task.symbols is None else read_corpus(task.symbols(text), recipe.symbols)
    rng = np.random.default_rng(streams(config.seed)[1].spawn(1)[0])  # beside the stream of the training data
    if corpus is None:
        validation = whole(task, config.sequence_length, VALIDATION_SEQUENCES, text, rng)
        data = task.make(config.sequence_length, 1, text, [np.random.default_rng(streams(config.seed)[1])])
        classes, inputs = data.classes, data.inputs
        fixed = Batch(data.xs, data.targets, validation.mask, True)
    else:
        classes, held = corpus.alphabet, corpus.held_back
        T, N = min(VALIDATION[0], len(held) - 1), VALIDATION[1]
        validation = next(from_text(held, len(classes), N, T, False)) if T > 0 else None
        fixed = next(from_text(corpus.train, len(classes), 1, config.sequence_length, False))
        inputs = tuple(classes[c] for c in fixed.xs[:, 0].argmax(axis=-1))
    if params is None:
        params = drawn_params(config, fixed.xs.shape[-1], len(classes))
        params["W_hh"] = config.weight_scale * params["W_hh"]
    cell, clipper, truncation = CELLS[config.cell], CLIPPERS[config.clip], TRUNCATIONS[config.truncation]
    learner = Learner(
        cell,
        ACTIVATIONS[config.activation],
        LOSSES[task.loss],
        OPTIMISERS[recipe.optimiser],
        recipe.learning_rate,
        recipe.decay,
        clipper,
        config.clip_at,
        truncation.keep or truncation.mask,
        config.window,
        quickest(cell, clipper, truncation),
    )
    params = {name: W.astype(recipe.precision) for name, W in params.items()}
    return Lesson(config, recipe, learner, params, classes, corpus, validation, fixed, inputs)


def read_corpus(symbols: Sequence[str], kind: str) -> Corpus:
    """Symbols → codes; for "words", a text is first cut into words and marks. Rare ones are one symbol together, and
    the last tenth is held back.
    """
    if kind == "words" and isinstance(symbols, str):
        symbols = re.findall(r"\w+|[^\w\s]", symbols)
        if len(set(symbols)) < 2:
            raise ConfigError("text", "text has fewer than two different words: type more, or train on characters")
    common = {symbol for symbol, _ in Counter(symbols).most_common(MOST_SYMBOLS)}
    symbols = [symbol if symbol in common else RARE for symbol in symbols]
    alphabet = tuple(dict.fromkeys(symbols))
    codes = coded(symbols, alphabet)
    end = len(codes) if len(codes) < SHORTEST_SPLIT else len(codes) - len(codes) // 10
    return Corpus(alphabet, codes[:end], codes[end:])
