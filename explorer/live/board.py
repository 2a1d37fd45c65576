"""The live board component: mounts it, hands it bytes, and returns what the user did on it.

One per page:  `board(key, sliders, frame, strip, answer, on_event)`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from explorer.browser import IN_BROWSER
from explorer.live.component import mount_component, session
from explorer.live.envelope import Slider, Strip, envelope

STATIC = Path(__file__).parents[2] / "static"  # served by Streamlit under app/static


@cache
def plotly_js() -> str:
    """URL of plotly.js out of the installed plotly package, which a copy in the static folder makes servable."""
    target = STATIC / f"plotly-{version('plotly')}.min.js"
    if IN_BROWSER:  # the site's builder has put it there
        return f"app/static/{target.name}"
    source = Path(find_spec("plotly").origin).parent / "package_data" / "plotly.min.js"  # importing it takes a second
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
    whole: bool = True,
) -> None:
    """Mount the board and hand it an `envelope`."""
    mount_component("board", key, envelope(sliders, frame, strip, answer, session(), plotly_js(), whole), on_event)
