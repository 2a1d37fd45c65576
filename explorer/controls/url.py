"""Settings ↔ URL: read where somebody else changed it (a link, the back button), written after every change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer import links
from explorer.config import SPECS, from_query, to_query
from explorer.controls import level
from explorer.controls.pages import Page
from explorer.controls.state import config, locks, page, set_locks, settings, take, with_own
from explorer.markdown import plain
from explorer.own import keeping
from explorer.texts import words


def open_page(opened: Page) -> bool:
    """First line of a page: bring back its settings, take the URL's where somebody changed it, say what is wrong.

    Whether it is the first page of the session is returned.
    """
    before: Page | None = st.session_state.get("page")
    shelf = st.session_state.setdefault("shelf", {})  # the settings of pages that are not open
    st.session_state["page"] = opened
    query, problems = read_url(), []
    changed_by_others = query != st.session_state.get("url", {})
    if before is None or before.name != opened.name:
        if before is not None:
            shelf[before.name] = tuple(st.session_state[key] for key in ("config", "extras", "faults"))
        chosen, extras, faults_then = shelf.get(opened.name, (opened.default, {}, {}))
        take(chosen, **extras)
        st.session_state["faults"] = faults_then
        # a page switch empties the URL, and the back button may bring the other page's; a link says something new
        changed_by_others = changed_by_others and bool(query)
    said, then = st.session_state.get("link_said", ([], None))
    if changed_by_others:
        problems = follow(query)
    elif then == chosen_now():
        problems = said  # nothing has been chosen since: a page that runs again by itself takes no sentence away
    st.session_state["link_said"] = problems, chosen_now()
    write_url()
    if problems:
        st.warning("\n\n".join(plain(problem) for problem in problems), icon=":material/link_off:")
    keeping.banner(settings(), config(), page().refuses(with_own()))
    return before is None


def chosen_now() -> tuple[str, Any, dict[str, Any]]:
    """The open page with its settings."""
    return page().name, st.session_state["config"], dict(st.session_state["extras"])


def said_above() -> bool:
    """Whether the page has said anything above its controls that may be different after their use."""
    return bool(st.session_state["link_said"][0] or keeping.held())


def follow(query: Mapping[str, str]) -> list[str]:
    """Take over what a link says, and one sentence for everything in it that cannot be used."""
    opened, version, problems = page(), links.VERSION, []
    try:
        version = links.version_of(query)
    except ValueError as error:
        problems.append(words("url.version", problem=error))
    extras_now = {name: e.default for name, e in opened.extras.items()}
    default, extras = links.defaults_then(opened.name, version, opened.default, extras_now)
    specs = {name: spec for name, spec in opened.specs.items() if spec.url in query}
    chosen, unusable = from_query(query, default, specs)
    said, unusable_extras = parse_extras(query)
    locks, unknown = links.parse_locks(query, lockable())
    take(chosen, **extras | said)
    set_locks(locks)
    return problems + unusable + unusable_extras + unknown + level.follow(query) + not_offered(query)


def lockable() -> dict[str, str]:
    """{URL name: name} of the page's controls: its fields, and extras that have a widget of their own."""
    extras = (name for name, e in page().extras.items() if e.label)
    return {spec.url: name for name, spec in page().specs.items()} | {name: name for name in extras}


def not_offered(query: Mapping[str, str]) -> list[str]:
    """A sentence for every setting of a link that this page does not have: nothing is set behind anybody's back."""
    here = {spec.url for spec in page().specs.values()} | set(page().extras) | set(links.KEYS)
    return [words("url.unknown", name=name) for name in query if name not in here]


def parse_extras(query: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The page's extras from the URL, and a sentence for each that could not be used."""
    values, problems = {}, []
    for name, e in page().extras.items():
        if name in query:
            try:
                values[name] = e.parse(query[name])
            except ValueError as error:
                problems.append(words("url.default", name=name, problem=error))
    return values, problems


def read_url() -> dict[str, str]:
    """The URL parameters that are ours."""
    ours = {*page().extras, *(spec.url for spec in SPECS.values()), *links.KEYS}
    return {name: value for name, value in st.query_params.items() if name in ours}


def query_now() -> dict[str, str]:
    """The settings of the page as a link holds them."""
    query = to_query(settings(), page().default)
    asked = st.session_state["extras"]
    query |= {name: e.write(asked[name]) for name, e in page().extras.items() if asked[name] != e.default}
    query |= level.query()
    return query | ({"v": str(links.VERSION)} if query and links.VERSION > 1 else {})


def leave_url(passing: bool) -> None:
    """Whether the settings of now are on the way to others, as while a slider is dragged: these the URL leaves out."""
    st.session_state["passing"] = passing


def write_url() -> None:
    """Put the settings into the URL; parameters that are not ours stay."""
    if st.session_state.get("passing"):
        return
    query = query_now() | locks().query()
    st.session_state["url"] = query
    before = read_url()
    if query != before:
        foreign = {name: value for name, value in st.query_params.items() if name not in before}
        st.query_params.from_dict({**foreign, **query})
