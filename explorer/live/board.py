"""The live board component: mounts it, hands it bytes, and returns what the user did on it.

One per page:  `board(key, sliders, frame, strip, answer, on_event)`.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from explorer.figures.theme import COLOURS
from explorer.live.component import mount_component, session
from explorer.live.packing import joined

STATIC = Path(__file__).parents[2] / "static"  # served by Streamlit under app/static


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


@cache
def plotly_js() -> str:
    """URL of plotly.js out of the installed plotly package, which a copy in the static folder makes servable."""
    import plotly

    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    target = STATIC / f"plotly-{version('plotly')}.min.js"
    if not target.exists() or target.stat().st_size != source.stat().st_size:
        STATIC.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=STATIC, delete=False) as half:  # nobody may be served half of it
            half.write(source.read_bytes())
        Path(half.name).chmod(0o644)
        Path(half.name).replace(target)
    return f"app/static/{target.name}"


def board(
    key: str,
    sliders: Sequence[Slider],
    frame: bytes,
    strip: Strip | None,
    answer: int,
    on_event: Callable[[], None],
) -> None:
    """Mount the board. `frame` and `strip.packed` come from `packing.pack`; `answer` is the last event dealt with."""
    envelope = {
        "sliders": [vars(slider) for slider in sliders],
        "frame": len(frame),
        "strip": strip and {"field": strip.field, "key": strip.key, "values": strip.values},
        "answer": answer,
        "session": session(),
        "plotly": plotly_js(),
        "colours": COLOURS,
    }
    body = frame + (strip.packed if strip else b"")
    mount_component("board", key, joined(envelope, body), on_event)
