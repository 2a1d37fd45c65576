"""From names to numbers: `run(config)` draws a network and its data, runs the engine and returns a `Trace`.

`along` runs a whole slider at once. Both go through the same lines, and a run on a slider is the same run, bit for
bit, as the one computed alone: that is what lets a picture be dragged through values computed in advance.

Read `runs.py` first. `drawing.py` is what a Config stands for, `cutting.py` truncates and clips a run that is there,
`regimes.py` maps many of them, `landscape.py` looks at the loss around one and goes down from it.
"""

from __future__ import annotations

from explorer.run.cutting import (
    by_mask,
    clip,
    flow_clipped,
    keep_of,
    mask_of,
    truncate,
    under_windows,
    with_keeps,
    with_reset,
)
from explorer.run.drawing import drawn_params, sequences, streams
from explorer.run.landscape import Landscape, descent, landscape, loss_of, losses_at, updates
from explorer.run.regimes import MAP_SCALES, MAP_SEEDS, exponents, joined, next_seeds, regime_map
from explorer.run.runs import AFTERWARDS, along, compare, paths_of, run

__all__ = (
    "AFTERWARDS",
    "MAP_SCALES",
    "MAP_SEEDS",
    "Landscape",
    "along",
    "by_mask",
    "clip",
    "compare",
    "descent",
    "drawn_params",
    "exponents",
    "flow_clipped",
    "joined",
    "keep_of",
    "landscape",
    "loss_of",
    "losses_at",
    "mask_of",
    "next_seeds",
    "paths_of",
    "regime_map",
    "run",
    "sequences",
    "streams",
    "truncate",
    "under_windows",
    "updates",
    "with_keeps",
    "with_reset",
)
