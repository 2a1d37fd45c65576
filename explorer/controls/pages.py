"""What a page says about itself: its name, the fields that it offers and how far, and what else its URL holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from explorer.config import DEFAULT, SPECS, VARIANTS, Config
from explorer.specs import Choice, Number, Spec
from explorer.specs import plain as digits
from explorer.texts import words

PAGE_SPECS = {name: spec.on_page() for name, spec in SPECS.items()}


def offered(*fields: str) -> dict[str, Spec]:
    """The Specs, as pages narrow them, of these fields."""
    return {name: PAGE_SPECS[name] for name in fields}


@dataclass(frozen=True)
class Extra:
    """A setting of a page that is not part of Config.

    `parse` reads it from the URL (ValueError with a sentence), `write` puts it there; `spec` is for one with a widget
    like a field's, `choices` for one that picks out of these names. `label` is what Share calls one whose widget a link
    may lock or hide.
    """

    default: Any
    parse: Callable[[str], Any]
    write: Callable[[Any], str] = str
    spec: Spec | None = None
    choices: tuple[str, ...] = ()
    label: str = ""


def spec_extra(name: str, default: Any, spec: Spec) -> Extra:
    """An extra that is checked and read by a Spec, as a field of Config is."""
    write = digits if isinstance(spec, Number) else str
    label = spec.label if isinstance(spec, Choice) or getattr(spec, "grid", ()) else ""
    return Extra(default, lambda text: spec.parse(name, text), write, spec, label=label)


def number_extra(name: str, default: float, spec: Number) -> Extra:
    """An extra that is a number."""
    return spec_extra(name, default, spec)


@dataclass(frozen=True)
class Page:
    """What a page starts from, the fields that it offers and how far, and what else its URL holds.

    `refuses` says of a Config with somebody's own network or sequence why the page cannot show it, or "".
    """

    name: str
    default: Config = DEFAULT
    specs: Mapping[str, Spec] = field(default_factory=lambda: PAGE_SPECS)
    extras: Mapping[str, Extra] = field(default_factory=dict)
    refuses: Callable[[Config], str] = lambda config: ""


MOST_SHOWN = 4  # more would be too small to read side by side


def parse_variants(text: str, names: Iterable[str] = VARIANTS) -> tuple[str, ...]:
    """What is compared, from a URL: "tanh,lstm"; `names` are those that a page offers."""
    asked = text.split(",")
    unknown = [name for name in asked if name not in names]
    if unknown:
        raise ValueError(f"{unknown[0][:30]!r} is unknown: choose from {', '.join(names)}")
    shown = in_order(asked)
    if len(shown) > MOST_SHOWN:
        raise ValueError(f"{len(shown)} cells side by side are too many: choose at most {MOST_SHOWN}")
    return shown


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names of variants in the order of their table, each once."""
    return tuple(name for name in VARIANTS if name in names)


def show_extra(names: Iterable[str]) -> Extra:
    """What a page compares, out of these variants."""
    return Extra(
        ("tanh", "sigmoid"),
        partial(parse_variants, names=names),
        ",".join,
        choices=tuple(names),
        label=words("share.compared"),
    )


SHOW = show_extra(VARIANTS)
