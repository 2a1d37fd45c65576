"""Frames and strips of the board: settings → runs → pictures → bytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from hashlib import blake2b
from inspect import signature
from types import FunctionType
from typing import Any

from explorer.browser import IN_BROWSER
from explorer.config import DEFAULT, SPECS, Config, variant
from explorer.engine.records import RegimeMap, Trace
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.theme import Picture
from explorer.figures.verdict import verdict
from explorer.live.envelope import Strip
from explorer.live.packing import pack
from explorer.run import along, compare
from explorer.specs import Number

Pictures = tuple[Callable[..., Picture], ...]  # called with the traces by name, and the view as keywords
View = tuple[tuple[str, Any], ...]  # what is looked at and changes no run: (("step", 30),); values by their repr
HASH = {Config: repr, RegimeMap: repr, FunctionType: lambda f: f.__module__ + f.__qualname__}  # for Streamlit's caches

# (unit-steps of one run, frames of a strip): larger runs get a coarser strip, the largest none; see `strip_values`.
STRIP_SIZES = ((4_000, 64), (13_000, 40), (100_000, 16))
QUICK = 2_000  # unit-steps of a run whose whole strip a browser computes within a second or two
FEW, CROWDED = 4, 16  # while more than FEW wait for other strips, none has more frames than CROWDED


@dataclass(frozen=True)
class Stage:
    """A page's board: its pictures, its sliders (Config fields and view names), the work of a frame (1: Explore's).

    `verdicts`: whether they stand above the pictures.
    `picked` is told the column and row of a cell that somebody clicked, in pictures whose layout names their "cells".
    """

    pictures: Pictures
    sliders: tuple[str, ...]
    work: Callable[[Config], float] = lambda config: 1.0
    verdicts: bool = True
    picked: Callable[[Any], None] | None = None

    @cached_property
    def name(self) -> str:
        """What its frames hang on, in words: the functions of a page are made anew by every run of it."""
        return repr(([HASH[FunctionType](picture) for picture in self.pictures], self.sliders, self.verdicts))


def identity(config: Config, show: tuple[str, ...], view: View) -> str:
    """A short name for what is on the screen."""
    return blake2b(repr((config, show, view)).encode(), digest_size=9).hexdigest()


def frame(
    traces: Mapping[str, Trace], stage: Stage, view: View, made: Mapping[int, Any] | None = None
) -> dict[str, Any]:
    """Everything that the board draws for one setting; `made` holds pictures that need not be made again."""
    first = next(iter(traces.values()))
    looked_at = dict(view)
    return {
        "key": identity(variant(first.config, DEFAULT.activation), tuple(traces), view),
        "values": {name: looked_at.get(name, getattr(first.config, name, None)) for name in stage.sliders},
        "reads": {"symbols": first.inputs},
        "verdicts": [asdict(verdict(*pair)) for pair in traces.items() if stage.verdicts],
        "pictures": [(made or {}).get(i) or drawn(picture, traces, view) for i, picture in enumerate(stage.pictures)],
    }


def drawn(picture: Callable[..., Picture], traces: Mapping[str, Trace], view: View) -> dict[str, Any]:
    """One picture as a dictionary; it is told of the view what it asks for."""
    made = picture(traces, **{name: value for name, value in view if name in signature(picture).parameters})
    return {"title": made.title, "figure": made.figure, "sentence": made.sentence}


def frame_bytes(config: Config, show: tuple[str, ...], stage: Stage, view: View = ()) -> bytes:
    """The frame of a setting."""
    return packed(frame(compare(config, show), stage, view), config, show, stage, view)


def packed(made: Mapping[str, Any], config: Config, show: tuple[str, ...], stage: Stage, view: View) -> bytes:
    """A frame of this setting as bytes, with the key of the strip along each slider that would fit it."""
    return pack([{**made, "others": {field: strip_key(config, show, view, field) for field in stage.sliders}}])


def apart_from(config: Config, view: View, field: str) -> tuple[Config, View]:
    """All settings but one: whoever differs from others in that one alone shares the strip along it."""
    if field in SPECS:
        config = replace(config, **{field: getattr(DEFAULT, field)})
    return config, tuple((name, None if name == field else value) for name, value in view)


def at(config: Config, view: View, field: str, value: Any) -> tuple[Config, View]:
    """The same settings with this one, which they may be apart from."""
    if field in SPECS:
        config = replace(config, **{field: value})
    return config, tuple((name, value if name == field else seen) for name, seen in view)


def strip_key(config: Config, show: tuple[str, ...], view: View, field: str) -> str:
    """A strip holds for all settings but its own."""
    config, view = apart_from(config, view, field)
    return field + identity(config, show, view)


def strip_values(
    config: Config, stage: Stage, positions: Sequence[float], now: float, whole: bool = True, waiting: int = 0
) -> tuple[float, ...]:
    """Where along its slider a strip has frames: evenly over the positions, the present one included.

    In a visitor's browser one thread computes the strip and answers everything else: there a strip has a third of the
    frames, unless the `whole` is asked for in a moment of rest, and the run is a small one. On a server, while some
    are `waiting` for other strips, each has fewer: a slider jumps rather than stands still.
    """
    size = config.sequence_length * config.hidden_size * config.batch_size * stage.work(config)
    most = next((n for limit, n in STRIP_SIZES if size <= limit), 0)
    most //= 1 if not IN_BROWSER or (whole and size <= QUICK) else 3
    most = min(most, CROWDED) if waiting > FEW else most
    if not most:
        return ()
    return tuple(sorted({*positions[:: -(-len(positions) // most)], positions[-1], now}))


def positions(config: Config, field: str, spec: Number, now: float) -> tuple[float, ...]:
    """The positions of a slider on the board: its grid, and the present value if it lies between (a URL may name any).

    A window longer than T cuts no more than T does, one shorter than its truncation allows is not offered, and no step
    lies beyond T.
    """
    least = TRUNCATIONS[config.truncation].min_window if field == "window" else spec.low
    most = config.sequence_length if field in ("window", "step") else spec.high
    return between(spec.grid, least, most, now)


@lru_cache(maxsize=256)
def between(grid: tuple[float, ...], least: float, most: float, now: float) -> tuple[float, ...]:
    """What of a grid lies there, and the present value; the same for most runs of a class."""
    return tuple(sorted({*(value for value in grid if least <= value <= most), now}))


def strip_along(
    config: Config,
    show: tuple[str, ...],
    stage: Stage,
    view: View,
    field: str,
    values: tuple[float, ...],
    keep: Callable[[Config, View, dict[str, Any]], None] = lambda config, view, made: None,
) -> Strip | None:
    """The frames along one slider, computed in one go; None where that would take too long (no values).

    In a strip matrices are rounded; `keep` is told every frame as it is, with its settings.
    """
    if not values:
        return None

    def rounded() -> Iterable[dict[str, Any]]:
        for value, made in zip(values, frames_along(config, show, stage, view, field, values), strict=True):
            keep(*at(config, view, field, value), made)
            yield {**made, "coarse": True}

    joined = pack(rounded(), int8_matrices=True)
    return Strip(field, strip_key(config, show, view, field), values, zlib.compress(joined, level=1))


def frames_along(
    config: Config, show: tuple[str, ...], stage: Stage, view: View, field: str, values: tuple[float, ...]
) -> Iterable[dict[str, Any]]:
    """One frame per value of a Config field, or of something that is only looked at."""
    if field not in SPECS:
        return along_view(compare(config, show), stage, view, field, values)
    runs = [along(variant(config, name), field, values) for name in show]
    return (frame(dict(zip(show, traces, strict=True)), stage, view) for traces in zip(*runs, strict=True))


def along_view(traces: Mapping[str, Trace], stage: Stage, view: View, field: str, values: Iterable[int]) -> list[dict]:
    """Frames along something that changes no run: only the pictures that look at it are made anew."""
    still = {i: drawn(p, traces, view) for i, p in enumerate(stage.pictures) if field not in signature(p).parameters}
    return [frame(traces, stage, tuple({**dict(view), field: value}.items()), still) for value in values]
