"""Frames and strips of the board: settings → runs → pictures → bytes, cached by settings and bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from hashlib import blake2b
from types import FunctionType
from typing import Any

import streamlit as st

from explorer.config import DEFAULT, SPECS, Config
from explorer.engine.records import Trace
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.theme import Picture
from explorer.figures.verdict import verdict
from explorer.live.board import Strip
from explorer.live.packing import pack
from explorer.run import along, compare

Pictures = tuple[Callable[[Mapping[str, Trace]], Picture], ...]
HASH = {Config: repr, FunctionType: lambda f: f.__qualname__}

# (unit-steps of one run, frames of a strip): larger runs get a coarser strip, the largest none; see `strip_values`.
STRIP_SIZES = ((4_000, 64), (13_000, 40), (100_000, 16))


def identity(config: Config, show: tuple[str, ...]) -> str:
    """A short name for what is on the screen."""
    return blake2b(repr((config, show)).encode(), digest_size=9).hexdigest()


def frame(traces: Mapping[str, Trace], pictures: Pictures, sliders: tuple[str, ...]) -> dict[str, Any]:
    """Everything that the board draws for one setting."""
    first = next(iter(traces.values()))
    return {
        "key": identity(replace(first.config, activation=DEFAULT.activation), tuple(traces)),
        "values": {field: getattr(first.config, field) for field in sliders},
        "reads": {"symbols": first.inputs},
        "verdicts": [asdict(verdict(name, trace)) for name, trace in traces.items()],
        "pictures": [asdict_shallow(picture(traces)) for picture in pictures],
    }


def asdict_shallow(picture: Picture) -> dict[str, Any]:
    """`dataclasses.asdict` would copy every array."""
    return {"title": picture.title, "figure": picture.figure, "sentence": picture.sentence}


@st.cache_resource(max_entries=200, show_spinner=False, hash_funcs=HASH)
def frame_bytes(config: Config, show: tuple[str, ...], pictures: Pictures, sliders: tuple[str, ...]) -> bytes:
    """The frame of a setting, with the key of the strip along each slider that would fit it."""
    made = frame(compare(config, show), pictures, sliders)
    made["others"] = {field: strip_key(config, show, field) for field in sliders}
    return pack([made])


def strip_key(config: Config, show: tuple[str, ...], field: str) -> str:
    """A strip holds for all settings but its own."""
    return field + identity(replace(config, **{field: getattr(DEFAULT, field)}), show)


def strip_values(config: Config, field: str) -> tuple[float, ...]:
    """Where along its slider a strip has frames: evenly over the positions, the present one included."""
    size = config.sequence_length * config.hidden_size * config.batch_size
    most = next((n for limit, n in STRIP_SIZES if size <= limit), 0)
    grid = positions(config, field)
    stride = -(-len(grid) // most) if most else len(grid)
    chosen = {*grid[::stride], grid[-1], getattr(config, field)} if most else ()
    return tuple(sorted(chosen))


def positions(config: Config, field: str) -> list[float]:
    """The positions of a slider on the board: its grid, and the present value if it lies between (a URL may name any).

    A window longer than T cuts no more than T does, and one shorter than its truncation allows is not offered.
    """
    grid = SPECS[field].grid
    if field == "window":
        least, most = TRUNCATIONS[config.truncation].min_window, config.sequence_length
        grid = [window for window in grid if least <= window <= most]
    return sorted({*grid, getattr(config, field)})


@st.cache_resource(max_entries=48, show_spinner=False, hash_funcs=HASH)
def strip_along(
    config: Config, show: tuple[str, ...], pictures: Pictures, sliders: tuple[str, ...], field: str
) -> Strip | None:
    """The frames along one slider, computed in one go; None where that would take too long."""
    values = strip_values(config, field)
    if not values:
        return None
    runs = {name: along(replace(config, activation=name), field, values) for name in show}
    frames = [
        frame(dict(zip(runs, traces, strict=True)), pictures, sliders) for traces in zip(*runs.values(), strict=True)
    ]
    return Strip(field, strip_key(config, show, field), values, pack(frames, int8_matrices=True))
