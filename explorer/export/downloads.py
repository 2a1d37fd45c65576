"""The files that the Share popover of a page offers, all made from what the page showed when the popover was drawn.

Nothing is computed before somebody asks: downloads are functions, called when their button is pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import signature

import streamlit as st

from explorer.config import Config
from explorer.engine.cells import Params
from explorer.engine.records import Trace
from explorer.export.data import npz, table
from explorer.export.handout import figure_page, handout, settings_of
from explorer.export.menu import View, buttons
from explorer.export.notebook import notebook
from explorer.export.script import DATA_FILE, script
from explorer.figures.theme import Picture
from explorer.figures.verdict import verdict
from explorer.run import compare, run
from explorer.texts import text, words


@dataclass(frozen=True)
class Now:
    """The state of a page when its popover was drawn: downloads are made from it, outside the session."""

    view: View
    config: Config
    show: tuple[str, ...]
    params: Params | None
    seen: Mapping[str, object]
    link: str

    def traces(self) -> dict[str, Trace]:
        """The runs on the page."""
        if self.params is not None:
            return {self.show[0]: run(self.config, self.params)}
        return compare(self.config, self.show)

    def picture(self, make: Callable[..., Picture]) -> Picture:
        """One of the pictures, told of the view what it asks for."""
        asked = signature(make).parameters
        return make(self.traces(), **{name: value for name, value in self.seen.items() if name in asked})

    def handout(self) -> str:
        """The whole view."""
        verdicts = [verdict(name, trace) for name, trace in self.traces().items()]
        pictures = [self.picture(make) for make in self.view.pictures]
        more = self.view.more(self.traces())
        settings, told = settings_of(self.config), text(self.view.text)
        return handout(self.view.title, settings, verdicts, pictures, told, self.link, more)

    def script(self) -> str:
        """As Python."""
        return script(self.config, self.show, self.params)


def downloads(now: Now) -> None:
    """Everything of a run, and one figure of one's choice."""
    name = now.view.title.lower().replace(" ", "-")
    files = {
        words("share.handout"): (now.handout, f"{name}.html", "text/html"),
        words("share.script"): (now.script, f"{name}.py", "text/x-python"),
        words("share.notebook"): (lambda: notebook(now.script()), f"{name}.ipynb", "application/x-ipynb+json"),
        words("share.series"): (lambda: table(now.traces()), f"{name}.csv", "text/csv"),
        words("share.arrays"): (lambda: npz(now.traces()), DATA_FILE, "application/octet-stream"),
    }
    buttons(files)
    names = {make.__name__.replace("_", " "): make for make in now.view.pictures}
    one_figure(name, names, lambda chosen: now.picture(names[chosen]))
    st.caption(words("share.hint"))


def one_figure(page: str, names: Iterable[str], picture: Callable[[str], Picture]) -> None:
    """One of a page's figures as a file, made when it is asked for."""
    left, right = st.columns(2, vertical_alignment="bottom")
    chosen = left.selectbox(words("share.one_figure"), list(names), key=f"share_figure_{page}")
    right.download_button(
        words("share.figure"),
        lambda: figure_page(picture(chosen)),
        f"{page}-figure.html",
        "text/html",
        key="share_f",
        on_click="ignore",
        width="stretch",
    )
