"""A network that was trained here, with all that its files and the other pages need to know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explorer.config import DEFAULT, SPECS, Config, ConfigError
from explorer.engine.cells import CELLS, Params
from explorer.engine.own import Network, Reading
from explorer.engine.storage import FORMATS, from_torch, to_torch
from explorer.engine.tasks import TASKS, coded, one_hot

EXCERPT = 2_000  # symbols of its training text that go with a network
MOST_SYMBOLS = 400  # an alphabet; rarer symbols are one together


@dataclass(frozen=True, eq=False)
class Trained:
    """Weights with a name, the settings they were trained under, and, of a text, its alphabet and its beginning."""

    name: str
    config: Config
    params: Params
    alphabet: tuple[str, ...] | None = None
    excerpt: tuple[str, ...] | None = None

    @property
    def network(self) -> Network:
        """As every page can run it."""
        return Network(self.name, self.config.cell, self.params)

    @property
    def reading(self) -> Reading | None:
        """The beginning of its training text, each symbol with the next one as its target; None for a task's own."""
        symbols = TASKS[self.config.task].symbols
        if self.excerpt is None or symbols is None or self.excerpt == tuple(symbols(DEFAULT.text)):
            return None
        codes = coded(self.excerpt, self.alphabet)
        xs = one_hot(codes, len(self.alphabet))
        return Reading("Training text", xs, np.roll(codes, -1), self.excerpt, self.alphabet)

    @property
    def variant(self) -> str:
        """Its name among the VARIANTS that pages compare."""
        config = self.config
        return config.cell if CELLS[config.cell].gated else config.activation

    def settings(self, config: Config) -> Config:
        """The settings, with those under which these weights are at home; the loss where their task takes it."""
        own = ("cell", "activation", "hidden_size", "task", "sequence_length", "seed", "truncation", "window", "clip")
        T = self.config.sequence_length
        loss_at = "last" if TASKS[self.config.task].asks_from(T) == T - 1 else "every"
        kept = {name: getattr(self.config, name) for name in (*own, "clip_at")}
        return replace(config, weight_scale=1.0, input_scale=1.0, loss_at=loss_at, **kept)


def to_file(trained: Trained, form: str, log: Mapping[str, Any] | None = None) -> bytes:
    """Weights under PyTorch's names, the log, and everything else as the file's settings."""
    told = {
        "name": trained.name,
        "config": {name: getattr(trained.config, name) for name in SPECS},
        "alphabet": trained.alphabet,
        "excerpt": trained.excerpt,
    }
    arrays = to_torch(trained.params) | {f"log.{name}": array for name, array in (log or {}).items()}
    return FORMATS[form][0](arrays, json.dumps(told))


def from_file(name: str, data: bytes) -> Trained:
    """The inverse, for files of ours (any name) with their settings; ValueError with a sentence."""
    form = name.rsplit(".", 1)[-1].lower()
    if form not in FORMATS:
        raise ValueError(f"{name} is no file of weights: choose .{' or .'.join(FORMATS)}")
    arrays, settings = FORMATS[form][1](data)
    try:
        told = json.loads(settings)
        asked = dict(told["config"])
        if not asked.keys() <= SPECS.keys():
            raise ValueError("a setting that there is not")
        config = Config(**asked)
        alphabet, excerpt = (
            None if told[key] is None else tuple(map(str, told[key])) for key in ("alphabet", "excerpt")
        )
        title = str(told["name"])[:60]
    except ConfigError as error:
        raise ValueError(f"{name} holds a setting that cannot be used: {error}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{name} does not hold the settings of a network saved here") from error
    params = {key: W.astype(float) for key, W in from_torch(arrays, "b_xh" in CELLS[config.cell].shapes(1, 1)).items()}
    check(name, config, params, alphabet, excerpt)
    return Trained(title, config, params, alphabet, excerpt)


def check(name: str, config: Config, params: Params, alphabet: tuple | None, excerpt: tuple | None) -> None:
    """ValueError unless the weights are those of the cell, its size, and the symbols of its task."""
    if TASKS[config.task].symbols is None:
        sample = TASKS[config.task].make(1, 1, config.text, [np.random.default_rng(0)])
        D, O = sample.xs.shape[-1], len(sample.classes)
    elif not alphabet or not excerpt or len(set(alphabet)) != len(alphabet) or not set(excerpt) <= set(alphabet):
        raise ValueError(f"{name} was trained on a text, but its alphabet is missing or does not fit")
    elif len(alphabet) > MOST_SYMBOLS + 1 or len(excerpt) > EXCERPT:
        raise ValueError(f"{name} has more than {MOST_SYMBOLS + 1} symbols, or an excerpt of more than {EXCERPT:,}")
    else:
        D = O = len(alphabet)
    H = config.hidden_size
    needed = {**CELLS[config.cell].shapes(D, H), "W_hy": (H, O), "b_y": (O,)}
    for key, shape in needed.items():
        if params[key].shape != shape:
            raise ValueError(f"{name}: {key} has shape {params[key].shape}, its settings need {shape}")
