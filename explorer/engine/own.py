"""What a user brings: a network of their own, and a sequence of their own to read.

Both are frozen, and equal where their numbers are: the digest stands for them in comparisons and cache keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from explorer.engine.cells import Params
from explorer.engine.tasks import Sequences

OUTPUTS = 4  # of a drawn read-out, where nothing says how many classes there are


class Own:
    """Equality, hash and representation by content."""

    digest: str

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.digest == other.digest  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.digest})"


def digest(*arrays: np.ndarray, about: object = None) -> str:
    """A short name for these numbers: no two different ones share it, in practice."""
    made = blake2b(repr((about, [array.shape for array in arrays])).encode(), digest_size=12)
    for array in arrays:
        made.update(np.ascontiguousarray(array))
    return made.hexdigest()


def frozen(array: np.ndarray, dtype: type) -> np.ndarray:
    """A copy that nobody can change: it is shared by every run."""
    copied = np.array(array, dtype=dtype)
    copied.setflags(write=False)
    return copied


@dataclass(frozen=True, eq=False, repr=False)
class Network(Own):
    """A network at weight scale 1. `name` is what pages call it, `cell` a name in CELLS.

    params    {name: array} like `Trace.params`; W_hy and b_y may be missing: then a read-out is drawn
    """

    name: str
    cell: str
    params: Params

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", {name: frozen(W, float) for name, W in self.params.items()})

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        """Of the cell and every parameter."""
        return digest(*self.params.values(), about=(self.cell, list(self.params)))

    @property
    def inputs(self) -> int:
        """D."""
        return len(self.params["W_xh"])

    @property
    def hidden(self) -> int:
        """H."""
        return len(self.params["W_hh"])

    @property
    def outputs(self) -> int | None:
        """O, or None without a read-out of its own."""
        return self.params["W_hy"].shape[1] if "W_hy" in self.params else None

    def fits(self, data: Sequences) -> bool:
        """Whether it can read these inputs and answer with one of these classes."""
        return data.xs.shape[-1] == self.inputs and self.outputs in (None, len(data.classes))


@dataclass(frozen=True, eq=False, repr=False)
class Reading(Own):
    """A sequence to read, of any length ≥ 1: it is read from its beginning again, or cropped, to T steps.

    xs (length, D)       targets (length,) classes, int, or None for random ones      symbols (length,) names, or None
    classes, how the answers are called, or None
    """

    name: str
    xs: np.ndarray
    targets: np.ndarray | None = None
    symbols: Sequence[str] | None = None
    classes: Sequence[str] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "xs", frozen(self.xs, float))
        if self.targets is not None:
            object.__setattr__(self, "targets", frozen(self.targets, np.int64))

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        """Of inputs, targets and symbols."""
        arrays = (self.xs,) if self.targets is None else (self.xs, self.targets)
        return digest(*arrays, about=(self.symbols, self.classes))

    @property
    def inputs(self) -> int:
        """D."""
        return self.xs.shape[1]

    @property
    def outputs(self) -> int | None:
        """How many classes its targets need at least; None without targets."""
        return None if self.targets is None else int(self.targets.max()) + 1

    def sequences(self, T: int, N: int, O: int, rngs: Sequence[np.random.Generator]) -> Sequences:
        """T steps for N sequences; sequence n starts n steps in. Without targets they are random ones of O classes."""
        steps = np.add.outer(np.arange(T), np.arange(N)) % len(self.xs)
        if self.targets is None:
            targets = np.stack([rng.integers(O, size=T) for rng in rngs], axis=1)
        else:
            targets = self.targets[steps]
        shown = None if self.symbols is None else tuple(self.symbols[s] for s in steps[:, 0])
        named = self.classes if self.classes and len(self.classes) == O else [str(o + 1) for o in range(O)]
        return Sequences(self.xs[steps], targets, shown, tuple(named))
