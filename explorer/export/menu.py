"""The Share popover of a page: its link, and everything that can be taken away. One call: `share(View(…))`.

Behind it stands `downloads.py`, with all that writes files; it is loaded when somebody opens the popover.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from explorer import controls, links
from explorer.config import SPECS, Config
from explorer.engine.cells import Params
from explorer.engine.records import Trace
from explorer.figures.theme import Picture
from explorer.qr import qr_svg
from explorer.texts import words

Files = Mapping[str, tuple[Callable[[], str | bytes], str, str]]  # a button: what makes the file, its name, its kind


@dataclass(frozen=True)
class View:
    """What a page shows: its title, its pictures (called as a board calls them), the name of its text.

    `more(traces)` is HTML that a handout has beside them.
    """

    title: str
    pictures: tuple[Callable[..., Picture], ...]
    text: str
    more: Callable[[Mapping[str, Trace]], str] = lambda traces: ""


def share(
    view: View, config: Config | None = None, params: Params | None = None, also: Mapping[str, object] | None = None
) -> None:
    """The popover. A page that runs something else than its settings says so: its Config, and the network's weights.

    `also` is told to the pictures like the view.
    """
    popover = st.popover(words("share.label"), width="stretch", key="share", on_change="rerun")
    if not popover.open:
        return
    from explorer.export.downloads import Now, downloads

    with popover:
        address = link_part()
        config = config or controls.config()
        show = (config.activation,) if "show" not in controls.page().extras else controls.extra("show")
        seen = {name: controls.extra(name) for name in controls.page().extras if name not in SPECS}
        seen |= also or {}
        downloads(Now(view, config, show, params, seen, address))


@dataclass(frozen=True)
class Away:
    """What a page that shows something else than runs hands out: files, single pictures, and a word on them."""

    files: Files
    pictures: Callable[[], Sequence[Picture]]
    hint: str


def share_files(away: Callable[[str], Away | None]) -> None:
    """The popover of such a page: its link, and what may hold the link."""
    popover = st.popover(words("share.label"), width="stretch", key="share", on_change="rerun")
    if not popover.open:
        return
    from explorer.export.downloads import one_figure

    with popover:
        handed = away(link_part())
        if handed is not None:
            buttons(handed.files)
            drawn = {picture.title: picture for picture in handed.pictures()}
            if drawn:
                one_figure(controls.page().name, drawn, drawn.__getitem__)
            st.caption(handed.hint)


def link_part() -> str:
    """The link, what it locks, its QR code. Returns the address."""
    names, page = controls.lockable(), controls.page().name
    labels = {name: label(name) for name in names.values()}
    now, room = controls.locks(), st.container()
    left, right = st.columns(2)
    lock = left.multiselect(words("share.lock"), list(labels), now.lock, labels.get, key=f"share_lock_{page}")
    hide = right.multiselect(words("share.hide"), list(labels), now.hide, labels.get, key=f"share_hide_{page}")
    chosen = links.Locks(tuple(lock), tuple(hide))
    address = links.link(st.context.url or "", controls.query_now() | chosen.query())
    with room:
        st.code(address, language=None, wrap_lines=True)
        if st.toggle(words("share.qr"), key="share_qr"):
            code = qr_svg(address)
            if code:
                st.image(code, width=260)
            else:
                st.caption(words("share.no_qr"))
    if controls.config() is not controls.settings():
        st.caption(words("share.own"))
    return address


def label(name: str) -> str:
    """What a control is called."""
    return (controls.page().specs.get(name) or controls.page().extras[name]).label


def buttons(files: Files) -> None:
    """A button per file."""
    columns = st.columns(2)
    for n, (title, (make, file, mime)) in enumerate(files.items()):
        columns[n % 2].download_button(title, make, file, mime, key=f"share_{file}", on_click="ignore", width="stretch")
