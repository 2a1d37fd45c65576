"""Keys that turn the screens of a lesson, and the presenter view: large type, no navigation."""

from __future__ import annotations

from collections.abc import Callable

from explorer.live.component import mount_component


def presenter(key: str, presenting: bool, on_event: Callable[[], None]) -> None:
    """Mount it. An event is {"move": ±1} (arrow keys; presenting: a clicker's PageUp and PageDown too) or "leave"."""
    mount_component("presenter", key, {"presenting": presenting}, on_event)
