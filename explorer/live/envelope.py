"""What a board is told in one go: its sliders, a frame, perhaps a strip of frames, as bytes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from explorer.config import VARIANTS, Config
from explorer.engine.cells import CELLS
from explorer.figures.theme import COLOURS, number
from explorer.live.packing import joined
from explorer.texts import words


@dataclass(frozen=True)
class Slider:
    """A slider on the board: `values` are its positions, `texts` how each is written, `note` why it is disabled."""

    field: str
    label: str
    help: str
    values: tuple[float, ...]
    texts: tuple[str, ...]
    value: float
    note: str = ""


@dataclass(frozen=True)
class Strip:
    """Frames along one slider: `key` says for which other settings they hold, `values` where they lie.

    `deflated` they take a quarter of the room in the cache, where they are for most of the time.
    """

    field: str
    key: str
    values: tuple[float, ...]
    deflated: bytes

    @property
    def packed(self) -> bytes:
        """The frames as `packing.pack` wrote them."""
        return zlib.decompress(self.deflated)


def envelope(
    sliders: Sequence[Slider],
    frame: bytes,
    strip: Strip | None,
    answer: int,
    session: str,
    plotly: str,
    whole: bool = True,
) -> bytes:
    """`frame` and `strip.packed` come from `packing.pack`; `answer` is the last event dealt with.

    If the strip is not the `whole` one, the board asks for that in a moment of rest.
    """
    header = {
        "frame": len(frame),
        "strip": strip and {"field": strip.field, "key": strip.key, "values": strip.values, "whole": whole},
        "answer": answer,
        "session": session,
        "plotly": plotly,
        "colours": COLOURS,
    }
    return joined(header, frame + (strip.packed if strip else b""), sliders=map(in_json, sliders))


@lru_cache(maxsize=256)
def in_json(slider: Slider) -> str:
    """A slider as the board reads it: hundreds of positions that every frame of a class would write anew."""
    return json.dumps(vars(slider), separators=(",", ":"), allow_nan=False)


@lru_cache(maxsize=64)
def written(values: tuple[float, ...], whole: bool) -> tuple[str, ...]:
    """How the positions of a slider are written: the same ones at nearly every run."""
    return tuple(str(value) if whole else number(value, 2) for value in values)


def idle(config: Config, show: tuple[str, ...]) -> Mapping[str, str]:
    """Sliders that change nothing now, and why."""
    notes = {}
    if config.truncation == "full":
        notes["window"] = words("controls.truncation_off")
    if config.clip == "none":
        notes["clip_at"] = words("controls.clipping_off")
    cells = {config.cell} if config.network else {VARIANTS[name]["cell"] for name in show}
    if not any(CELLS[cell].gated for cell in cells):
        notes["forget_bias"] = words("controls.no_gates")
    return notes
