"""Draws the page again when a lost connection is back (the server may be another one by then) or the theme changes."""

from __future__ import annotations

from explorer.live.component import mount_component


def lifeline() -> None:
    """Mount it, outside of any fragment: its event runs the whole page."""
    mount_component("lifeline", "lifeline", None, lambda: None)
