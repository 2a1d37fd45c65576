"""The picture of benchmarks/classroom.py: answer time and memory against the number of open pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import plotly
from playwright.async_api import Browser

from benchmarks.serving import ROOT

CHART = ROOT / "docs" / "classroom.svg"


async def chart(results: Mapping[str, Sequence[Any]], browser: Browser) -> None:
    """Answer time and memory against the number of pages, drawn by plotly.js, as SVG."""
    palette = {"one link": "#0072b2", "two": "#009e73", "own": "#56b4e9", "plain": "#d55e00"}
    colours = {name: next(palette[word] for word in reversed(palette) if word in name) for name in results}
    panels = (("p95", "", "answer p95, ms"), ("megabytes", "2", "server memory, MB per page"))
    data = [
        {
            "x": [m.pages for m in measured],
            "y": [max(getattr(m, field), 0.0) for m in measured],  # memory that came free before may hide what is taken
            "name": name,
            "showlegend": field == "p95",
            "mode": "lines+markers",
            "line": {"color": colours[name], "width": 3, "dash": "dash" if "own" in name else "solid"},
            "xaxis": f"x{axis}",
            "yaxis": f"y{axis}",
        }
        for field, axis, _ in panels
        for name, measured in results.items()
    ]
    goals = [
        {"type": "line", "x0": 0, "x1": 1, "xref": f"x{axis} domain", "y0": y, "y1": y, "yref": f"y{axis}"}
        | {"line": {"dash": "dot", "color": "#555"}}
        for axis, y in (("", 100), ("2", 0.5))
    ]
    layout = {"width": 900, "height": 360, "shapes": goals, "font": {"size": 14}, "paper_bgcolor": "white"}
    layout |= {"legend": {"orientation": "h", "y": 1.15}, "margin": {"t": 50, "r": 20, "b": 50, "l": 60}}
    for i, (_, axis, title) in enumerate(panels):
        layout[f"xaxis{axis}"] = {"title": {"text": "open pages"}, "type": "log", "anchor": f"y{axis}"} | {
            "domain": [0.55 * i, 0.45 + 0.55 * i],
            "tickvals": [m.pages for m in next(iter(results.values()))],
        }
        layout[f"yaxis{axis}"] = {"title": {"text": title}, "anchor": f"x{axis}"}
    layout["yaxis"] |= {"type": "log", "dtick": 1}
    layout["yaxis2"] |= {"rangemode": "tozero"}
    page = await browser.new_page()
    await page.add_script_tag(path=Path(plotly.__file__).parent / "package_data" / "plotly.min.js")
    draw = "([data, layout]) => Plotly.toImage({data, layout}, {format: 'svg', width: 900, height: 360})"
    address = await page.evaluate(draw, [data, layout])
    svg = await page.evaluate("address => decodeURIComponent(address.slice(address.indexOf(',') + 1))", address)
    CHART.write_text(svg + "\n", encoding="utf-8")
    await page.close()
