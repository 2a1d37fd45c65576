"""Settings of a session: Config ↔ widgets ↔ URL, and the one place that shows what is wrong with them.

The session holds one Config, the truth. Widgets are set from it before they are drawn and write to it when they are
used; the URL is written from it and read into it when somebody else changed it (a link, the back button).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import streamlit as st

from explorer import links, own_network
from explorer.config import DEFAULT, SPECS, VARIANTS, Config, ConfigError, from_query, to_query
from explorer.markdown import plain
from explorer.specs import MAX_TEXT, Choice, Number, Spec, Text
from explorer.specs import plain as digits

PAGE_SPECS = {name: spec.on_page() for name, spec in SPECS.items()}


def offered(*fields: str) -> dict[str, Spec]:
    """The Specs, as pages narrow them, of these fields."""
    return {name: PAGE_SPECS[name] for name in fields}


@dataclass(frozen=True)
class Extra:
    """A setting of a page that is not part of Config.

    `parse` reads it from the URL (ValueError with a sentence), `write` puts it there; `spec` is for one with a slider,
    `choices` for one that picks out of these names.
    """

    default: Any
    parse: Callable[[str], Any]
    write: Callable[[Any], str] = str
    spec: Spec | None = None
    choices: tuple[str, ...] = ()


def spec_extra(name: str, default: Any, spec: Spec) -> Extra:
    """An extra that is checked and read by a Spec, as a field of Config is."""
    write = digits if isinstance(spec, Number) else str
    return Extra(default, lambda text: spec.parse(name, text), write, spec)


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


def page() -> Page:
    """The page that is open."""
    return st.session_state["page"]


def settings() -> Config:
    """What the controls of the open page ask for."""
    return st.session_state["config"]


def config() -> Config:
    """What the open page runs: its settings, with the session's own network and sequence if it can show them."""
    used = with_own()
    return settings() if page().refuses(used) else used


def with_own() -> Config:
    """The settings with the session's own network and sequence."""
    held = own_network.held()
    return replace(settings(), **held) if held else settings()


def extra(name: str) -> Any:
    """The value of one of the page's extras; of what is compared, what the network that is run can be."""
    value = st.session_state["extras"][name]
    return own_network.comparable(value, config()) if name == "show" else value


def set_extra(name: str, value: Any) -> None:
    """Change one of the page's extras, unless it is locked."""
    if name in locked():
        return
    st.session_state["extras"] = {**st.session_state["extras"], name: value}


def update_extra(name: str, value: Any) -> None:
    """Change an extra that has a slider, if the value can be used."""
    faults = {field: fault for field, fault in st.session_state["faults"].items() if field != name}
    try:
        set_extra(name, page().extras[name].spec.check(name, value))
    except ConfigError as error:
        faults[name] = str(error), None
    st.session_state["faults"] = faults


def update(**changes: Any) -> None:
    """Change settings. What cannot be used is kept for a message beside the control; the others stay as they were.

    What is locked does not move, whatever a browser sends.
    """
    faults = dict(st.session_state["faults"])
    changes = {name: value for name, value in changes.items() if name not in locked()}
    try:
        checked = {name: page().specs[name].check(name, value) for name, value in changes.items()}
        st.session_state["config"] = replace(settings(), **checked)
        faults = {n: f for n, f in faults.items() if isinstance(SPECS.get(n), Text) and n not in changes}
    except ConfigError as error:
        faults[error.field] = str(error), changes.get(error.field)
    st.session_state["faults"] = faults


def faults() -> dict[str, str]:
    """What could not be used, by field."""
    return {name: sentence for name, (sentence, _) in st.session_state["faults"].items()}


def take(chosen: Config, **extras: Any) -> None:
    """Take over a whole Config (a link, a page's settings); extras that are not named go back to their defaults."""
    st.session_state["config"] = chosen
    st.session_state["extras"] = {name: e.default for name, e in page().extras.items()} | extras
    st.session_state["faults"] = {}


def use(chosen: Config, **extras: Any) -> None:
    """The same by a click (a preset, Reset): what a link has locked stays as it is."""
    kept = {name: getattr(settings(), name) for name in locked() if name in SPECS}
    kept_extras = {name: extra for name, extra in st.session_state["extras"].items() if name in locked()}
    take(replace(chosen, **kept), **extras | kept_extras)


def open_page(opened: Page) -> None:
    """First line of a page: bring back its settings, take the URL's where somebody changed it, say what is wrong."""
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
    if changed_by_others:
        problems = follow(query)
    write_url()
    if problems:
        st.warning("\n\n".join(plain(problem) for problem in problems), icon=":material/link_off:")
    own_network.banner(settings(), config(), page().refuses(with_own()))


def follow(query: Mapping[str, str]) -> list[str]:
    """Take over what a link says, and one sentence for everything in it that cannot be used."""
    opened, version, problems = page(), links.VERSION, []
    try:
        version = links.version_of(query)
    except ValueError as error:
        problems.append(f"URL parameter v: {error}. Today’s defaults are used.")
    extras_now = {name: e.default for name, e in opened.extras.items()}
    default, extras = links.defaults_then(opened.name, version, opened.default, extras_now)
    specs = {name: spec for name, spec in opened.specs.items() if spec.url in query}
    chosen, unusable = from_query(query, default, specs)
    said, unusable_extras = parse_extras(query)
    locks, unknown = links.parse_locks(query, lockable())
    take(chosen, **extras | said)
    set_locks(locks)
    return problems + unusable + unusable_extras + unknown + not_offered(query)


def lockable() -> dict[str, str]:
    """{URL name: name} of the page's controls: its fields, and extras that have a slider or say what is compared."""
    extras = (name for name, e in page().extras.items() if name == "show" or getattr(e.spec, "grid", ()))
    return {spec.url: name for name, spec in page().specs.items()} | {name: name for name in extras}


def locks() -> links.Locks:
    """What the link that opened this page locks and hides."""
    return st.session_state.get("locks", {}).get(page().name, links.Locks())


def set_locks(chosen: links.Locks) -> None:
    """Lock and hide these controls of the open page, and no others."""
    st.session_state["locks"] = st.session_state.get("locks", {}) | {page().name: chosen}


def locked() -> tuple[str, ...]:
    """Names of the controls that cannot be moved."""
    return (*locks().lock, *locks().hide)


def not_offered(query: Mapping[str, str]) -> list[str]:
    """A sentence for every setting of a link that this page does not have: nothing is set behind anybody's back."""
    here = {spec.url for spec in page().specs.values()} | set(page().extras) | set(links.KEYS)
    return [
        f"URL parameter {name}: this page has no such setting, it is ignored." for name in query if name not in here
    ]


def parse_extras(query: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The page's extras from the URL, and a sentence for each that could not be used."""
    values, problems = {}, []
    for name, e in page().extras.items():
        if name in query:
            try:
                values[name] = e.parse(query[name])
            except ValueError as error:
                problems.append(f"URL parameter {name}: {error}. The default is used.")
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
    return query | ({"v": str(links.VERSION)} if query and links.VERSION > 1 else {})


def write_url() -> None:
    """Put the settings into the URL; parameters that are not ours stay."""
    query = query_now() | locks().query()
    st.session_state["url"] = query
    before = read_url()
    if query != before:
        foreign = {name: value for name, value in st.query_params.items() if name not in before}
        st.query_params.from_dict({**foreign, **query})


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
    return Extra(("tanh", "sigmoid"), partial(parse_variants, names=names), ",".join, choices=tuple(names))


SHOW = show_extra(VARIANTS)


def send_to(name: str, settings: Config, keep: tuple[str, ...], **extras: Any) -> None:
    """Leave settings for a page that is not open, which has them when it opens; its own stay in the fields `keep`."""
    before, its_extras, _ = st.session_state["shelf"].get(name, (DEFAULT, {}, {}))
    settings = replace(settings, **{field: getattr(before, field) for field in keep})
    st.session_state["shelf"][name] = settings, {**its_extras, **extras}, {}


def key_of(field: str) -> str:
    """The session key of a field's widget."""
    return f"control_{field}"


def frozen() -> dict[str, str]:
    """Controls that cannot be used now, and why."""
    reasons = dict.fromkeys(locked(), "The link to this page holds it fixed.")
    return reasons | (own_network.fixed() if config() is not settings() else {})


def spec_of(field: str) -> Spec:
    """What this page knows about a Config field, or about an extra."""
    return page().specs[field] if field in SPECS else page().extras[field].spec


def changed(field: str) -> None:
    """A widget was used."""
    value = st.session_state[key_of(field)]
    if field in SPECS:
        update(**{field: value})
    else:
        update_extra(field, value)


def control(field: str, **options: Any) -> None:
    """The widget of a Config field, or of an extra that has a Spec, with its fault, if any, underneath.

    None if a link hides it.
    """
    if field in locks().hide:
        return
    spec, key = spec_of(field), key_of(field)
    now = getattr(config(), field) if field in SPECS else extra(field)
    fault, why = faults().get(field), frozen().get(field, "")
    if fault is None:
        st.session_state[key] = now
    elif key not in st.session_state:  # what was typed stays, to be mended
        st.session_state[key] = st.session_state["faults"][field][1]
    common = {"key": key, "help": f"{why} {spec.help}".strip(), "disabled": bool(why)}
    common |= {"on_change": changed, "args": (field,), **options}
    if isinstance(spec, Choice):
        st.selectbox(spec.label, list(spec.options), format_func=lambda name: spec.titles.get(name, name), **common)
    elif isinstance(spec, Text):
        box = st.text_input if spec.longest <= 40 else partial(st.text_area, height=68)
        box(spec.label, max_chars=2 * MAX_TEXT, **common)  # what is too long stays, to be mended; ten megabytes do not
    elif isinstance(spec, Number) and spec.grid:
        st.select_slider(spec.label, sorted({*spec.grid, now}), **common)
    else:
        kind = int if spec.whole else float
        st.number_input(spec.label, kind(spec.low), kind(spec.high), **{"step": 1 if spec.whole else None, **common})
    if fault is not None:
        st.error(plain(fault))


def variants_control() -> None:
    """Which cells and activations are compared (the extra "show")."""

    def choose() -> None:
        chosen = st.session_state["control_show"]
        if 1 <= len(chosen) <= MOST_SHOWN:  # the last one cannot be taken away
            set_extra("show", in_order(chosen))

    if "show" in locks().hide:
        return
    names, why = page().extras["show"].choices, frozen().get("show")
    st.session_state["control_show"] = [name for name in extra("show") if name in names]
    gated = ", LSTM, GRU" if "lstm" in names else ""
    label = f"Compared, at most {MOST_SHOWN}: an RNN with each φ{gated}"
    pills = partial(st.pills, selection_mode="multi", key="control_show", on_change=choose)
    pills(label, list(names), disabled=bool(why), help=why)


def presets_control(presets: Mapping[str, Any]) -> str | None:
    """Presets in one click; the one that is on the screen is lit, and returned."""

    def choose() -> None:
        name = st.session_state["control_preset"]
        if name:
            use(replace(presets[name].config, text=settings().text), show=presets[name].show)

    now = replace(config(), text=DEFAULT.text), extra("show")
    lit = next((name for name, preset in presets.items() if (preset.config, preset.show) == now), None)
    st.session_state["control_preset"] = lit
    st.pills("Presets", list(presets), key="control_preset", on_change=choose)
    return lit


def event_of(component: str) -> dict[str, Any]:
    """What a component of ours has just sent; {} for what is not a dictionary, since a browser can send anything."""
    event = st.session_state[component]["event"]
    return event if isinstance(event, dict) else {}


def header(
    presets: Mapping[str, Any], more: tuple[tuple[str, ...], ...], share: Callable[[], None] = lambda: None
) -> None:
    """The first row of a page with a board: task, presets, "More" with these fields, column by column, and "Share"."""
    task, choices, rest, last = st.columns([1.7, 7.1, 0.9, 0.9], vertical_alignment="bottom")
    with last:
        share()
    with task:
        control("task")
    with choices:
        lit = presets_control(presets)
    with rest, st.popover("More", width="stretch"):
        variants_control()
        for column, fields in zip(st.columns(len(more)), more, strict=True):
            with column:
                for name in fields:
                    control(name)
        st.button("New seed", on_click=new_seed, width="stretch", disabled="seed" in locked())
        st.button("Reset everything", on_click=use, args=(page().default,), width="stretch")
    if lit:
        st.caption(presets[lit].text)
    if config().task == "text" and config().reading is None:
        control("text")


def new_seed() -> None:
    """Another network and other data; the number stands in the URL, so it can be found again."""
    update(seed=secrets.randbelow(10_000))
