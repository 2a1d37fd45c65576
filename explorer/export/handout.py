"""One HTML file that opens without a network: a figure, or a view with its settings, sentences, pictures and text.

plotly.js is inside. The figure follows the reader's light or dark theme. Whatever was typed is escaped: in HTML by
`html.escape`, in the figures' JSON by writing < as \\u003c, so that no text can end the script it stands in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape

from explorer.config import SPECS, Config
from explorer.export.prose import prose
from explorer.figures.theme import Picture, plotly_figure
from explorer.figures.verdict import Verdict
from explorer.texts import words

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif; max-width: 62rem; margin: 1.5rem auto;
  padding: 0 1rem; color: light-dark(#31333f, #fafafa); background: light-dark(#fff, #0e1117); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 1.4rem 0 .2rem; } p { margin: .35rem 0; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .1rem 1.2rem; margin: .6rem 0; }
dl div { display: flex; gap: .5rem; } dt { opacity: .75; } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.numbers { overflow-x: auto; margin: .1rem 0 .8rem 1.2rem; font-variant-numeric: tabular-nums; }
.matrix { display: inline-table; vertical-align: middle; border-collapse: collapse; margin: 0 .25rem;
  border: solid; border-width: 0 1.5px; border-radius: 4px; font-size: .9em; }
.matrix td { padding: 0 .4rem; text-align: right; }
.plot { height: 21rem; } .math { font-family: "STIX Two Math", "Cambria Math", serif; font-style: italic; }
footer { margin-top: 2rem; font-size: .85rem; opacity: .75; }
@media print { .plot, section { break-inside: avoid; } body { max-width: none; margin: 0; } }
"""
FIGURE = '<div class="plot"'
DRAW = """
const BAR = {
  displaylogo: false, modeBarButtons: [["toImage", "zoom2d", "resetScale2d"]], toImageButtonOptions: { format: "svg" },
};
const dark = matchMedia("(prefers-color-scheme: dark)");
function draw() {
  const theme = dark.matches && !matchMedia("print").matches ? "dark" : "light";
  for (const node of document.querySelectorAll(".plot")) {
    const { data, layout } = JSON.parse(node.nextElementSibling.textContent)[theme];
    Plotly.react(node, data, layout, { responsive: true, ...BAR });
  }
}
dark.addEventListener("change", draw);
draw();
"""


def handout(
    title: str,
    settings: Mapping[str, str],
    verdicts: Sequence[Verdict],
    pictures: Sequence[Picture],
    text: str,
    link: str = "",
    more: str = "",
) -> str:
    """A view on one page: what was set, what it says, how it looks, `more` as HTML, how to read it."""
    body = [f"<h1>{escape(title)}</h1>", listed(settings)]
    body += [f"<p><strong>{escape(v.name)}</strong> {escape(v.headline)}. {escape(sentence(v))}</p>" for v in verdicts]
    body += [*(section(picture) for picture in pictures), more]
    body += [f"<h2>{words('handout.how')}</h2>", prose(text)] if text else []
    address = f': <a href="{escape(link)}">{escape(link)}</a>' if link.startswith(("http://", "https://")) else ""
    body += [f"<footer>{words('handout.footer', address=address)}</footer>"]
    return document(title, body)


def figure_page(picture: Picture) -> str:
    """One picture with its sentence."""
    return document(picture.title, [section(picture)])


def document(title: str, body: Sequence[str]) -> str:
    """A whole file; plotly.js is in it where there are figures to draw."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    head += f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    page = "\n".join(body)
    if FIGURE in page:
        from plotly.offline import get_plotlyjs  # slow to import

        page += f"\n<script>{get_plotlyjs()}</script><script>{DRAW}</script>"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>{head}<style>{STYLE}</style></head>\n'
        f"<body>\n{page}\n</body>\n</html>\n"
    )


def section(picture: Picture) -> str:
    """A picture in both themes, its title and its sentence."""
    figures = {theme: json.loads(plotly_figure(picture, theme == "dark").to_json()) for theme in ("light", "dark")}
    for figure in figures.values():
        figure["layout"]["margin"] = {"l": 64, "r": 64, "t": 26, "b": 40}
    data = json.dumps(figures, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f"<section><h2>{escape(picture.title)}</h2>"
        f'{FIGURE} role="img" aria-label="{escape(picture.sentence)}"></div>'
        f'<script type="application/json">{data}</script><p>{escape(picture.sentence)}</p></section>'
    )


def settings_of(config: Config) -> dict[str, str]:
    """Every setting with its value, and what somebody brought."""
    values = {
        spec.label: spec.written(getattr(config, name))
        for name, spec in SPECS.items()
        if name != "text" or config.task == "text"
    }
    brought = {words("handout.network"): config.network, words("handout.sequence"): config.reading}
    return values | {label: what.name for label, what in brought.items() if what is not None}


def listed(settings: Mapping[str, str]) -> str:
    """Settings as HTML."""
    pairs = (f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in settings.items())
    return f"<dl>{''.join(pairs)}</dl>"


def sentence(verdict: Verdict) -> str:
    """Facts, reason and events in a row."""
    facts = ", ".join(f"{label} {value}" for label, value in verdict.facts)
    events = " ".join(f"{event.kind}: {event.cause}." for event in verdict.events)
    return f"{facts}. {verdict.reason} {events}".strip()
