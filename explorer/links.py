"""What a link holds beside settings: its version, and the controls that it locks or hides.

A link names what differs from a page's defaults, so its meaning hangs on them. VERSION counts the times that a default
has changed: a link without `v` is of version 1, later ones carry theirs, and each is read against the defaults of its
time. Whoever changes a default raises VERSION and notes the old value in CHANGED; tests/test_links.py has links of
every version and fails until that is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from explorer.config import Config
from explorer.specs import short

VERSION = 1
# {version: {page: {field or extra: its default up to that version}}}
CHANGED: Mapping[int, Mapping[str, Mapping[str, Any]]] = {}
KEYS = ("v", "lock", "hide", "level")


@dataclass(frozen=True)
class Locks:
    """Names of controls that a link freezes (`lock`: shown with its value) or takes away (`hide`)."""

    lock: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()

    def query(self) -> dict[str, str]:
        """As URL parameters."""
        return {key: ",".join(names) for key, names in (("lock", self.lock), ("hide", self.hide)) if names}


def version_of(query: Mapping[str, str]) -> int:
    """The version of a link; ValueError for one that no version of this program has made."""
    text = query.get("v", "1")
    if not (text.isdecimal() and text.isascii() and len(text) < 9 and 1 <= int(text) <= VERSION):
        raise ValueError(f"{short(text)} is no version of links that is known here: it reads 1 to {VERSION}")
    return int(text)


def defaults_then(page: str, version: int, config: Config, extras: Mapping[str, Any]) -> tuple[Config, dict[str, Any]]:
    """A page's defaults as they were for links of a version."""
    extras = dict(extras)
    for newer in range(VERSION - 1, version - 1, -1):
        before = CHANGED.get(newer, {}).get(page, {})
        extras |= {name: value for name, value in before.items() if name in extras}
        config = replace(config, **{name: value for name, value in before.items() if name not in extras})
    return config, extras


def parse_locks(query: Mapping[str, str], offered: Mapping[str, str]) -> tuple[Locks, list[str]]:
    """The locks of a link, and a sentence for each that cannot be; `offered` has the controls {URL name: name}.

    A control may be called by its name in the URL or in Config: scale or weight_scale.
    """
    names = dict(offered) | {name: name for name in offered.values()}
    found: dict[str, tuple[str, ...]] = {}
    problems = []
    for key in ("lock", "hide"):
        asked = [part for part in query.get(key, "").split(",") if part]
        found[key] = tuple(dict.fromkeys(names[part] for part in asked if part in names))
        unknown = [short(part) for part in asked if part not in names]
        if unknown:
            problems.append(
                f"URL parameter {key}: {', '.join(unknown[:3])} is no control of this page: "
                f"choose from {', '.join(offered)}. It is ignored."
            )
    return Locks(**found), problems


def link(base: str, query: Mapping[str, str]) -> str:
    """The address of a page with these parameters, as it can be sent."""
    return f"{base}?{urlencode(query)}" if query else base
