"""What a picture shows, as tables: for everybody who reads numbers better than lines, or has them read aloud.

One table for each pair of axes. A row belongs to a place along the x axis, a column to a line, or to a row of a
heatmap; where the y axis names things (parameters, kinds of clipping), each of these has the row. A trace without a
name, or with the meta "silent" or "zero", only decorates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.figures.theme import Film, Picture, number, power

MOST_ROWS, MOST_COLUMNS = 60, 20


@dataclass(frozen=True)
class Table:
    """Cells as they are read, the first of each row its heading; `note` says what else there is to know."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


def tables(picture: Picture) -> list[Table]:
    """Everything that the picture shows, bounded in size."""
    figure, traces = picture.figure, list(picture.figure["data"])
    if isinstance(picture, Film):  # at its end, as it is first seen
        for place, last in zip(picture.moving, picture.frames[-1], strict=True):
            traces[place] = {**traces[place], **last}
    panels: dict[tuple[str, str], list[dict]] = {}
    for trace in traces:
        place = ("scene", "scene") if trace["type"] in IN_3D else (trace.get("xaxis", "x"), trace.get("yaxis", "y"))
        panels.setdefault(place, []).append(trace)
    return [table for place, inside in panels.items() for table in of_panel(inside, Panel(figure["layout"], *place))]


IN_3D = ("surface", "scatter3d")


@dataclass(frozen=True)
class Panel:
    """One pair of axes of a figure."""

    layout: Mapping[str, Any]
    x: str
    y: str

    def axis(self, name: str) -> Mapping[str, Any]:
        """The layout of its "x", "y" or "z" axis."""
        if self.x == "scene":
            return self.layout["scene"][f"{name}axis"]
        short = {"x": self.x, "y": self.y}[name]
        return self.layout.get(f"{name}axis{short[1:]}", {})

    def head(self, name: str) -> str:
        """What an axis measures; the lowest of a column of small multiples says it for all, time need not be said."""
        alike = [each for key, each in self.layout.items() if key.startswith(f"{name}axis")]
        default = "step t" if name == "x" and self.layout.get("meta", {}).get("time") else name
        return next(filter(None, map(titled, (self.axis(name), *alike))), default)

    def title(self) -> str:
        """The heading above the panel, or what stands along its y axis."""
        above = [a["text"] for a in self.layout.get("annotations", ()) if a.get("xref") == f"{self.x} domain"]
        return next(filter(None, (*above, titled(self.axis("y")), titled(self.axis("x")))), "").replace("<br>", " ")


def titled(axis: Mapping[str, Any]) -> str:
    """The title of an axis, or nothing."""
    return (axis.get("title") or {}).get("text", "")


def writer(scale: Mapping[str, Any]) -> Callable[[float], str]:
    """How the numbers along an axis or a colour bar are written: log10 as powers, shares in per cent."""
    marks = list(zip(scale.get("tickvals", ()), scale.get("ticktext", ()), strict=True))
    in_decades = bool(marks) and all(is_power(*mark) for mark in marks)

    def write(x: float) -> str:
        if np.isnan(x):
            return "–"
        if in_decades or scale.get("tickprefix") == "10<sup>":
            return power(float(x))
        if scale.get("tickformat", "").endswith("%"):
            return f"{x:.1%}"
        whole = abs(x) < 1e6 and float(x).is_integer()
        return f"{x:.0f}".replace("-", "−") if whole else number(float(x))

    return write


def is_power(at: float, text: str) -> bool:
    """Whether a tick stands at the logarithm of what it says."""
    try:
        return bool(np.isclose(10.0**at, float(text)))
    except (ValueError, OverflowError):
        return False


# ----------------------------------------------------------------------------------------------------- the kinds


def of_panel(traces: Sequence[dict], panel: Panel) -> list[Table]:
    """A table per matrix, and one for all lines."""
    matrices = [matrix(trace, panel) for trace in traces if np.ndim(trace.get("z")) == 2]
    shown = [trace for trace in traces if trace.get("name") and np.ndim(trace.get("z")) != 2]
    across = [said for trace in shown if (said := level(trace, panel))]
    lines = [t for t in shown if t.get("meta") not in ("silent", "zero") and not level(t, panel)]
    if not lines:
        return matrices
    if panel.x == "scene":
        made = points(lines, panel, "xyz")
    elif "ticktext" in panel.axis("y") and "ticktext" not in panel.axis("x"):
        made = by_name(lines, panel)
    elif all(len(t["x"]) == len(set(places(t))) for t in lines):
        made = by_place(lines, panel)
    else:
        made = points(lines, panel, "xy")
    return [*matrices, bounded(panel.title(), *made, "; ".join(dict.fromkeys(across)))]


def matrix(trace: dict, panel: Panel) -> Table:
    """A heatmap or a surface: a row for each place on the x axis, since that is mostly time."""
    z = np.asarray(trace["z"], float) if trace.get("transpose") else np.asarray(trace["z"], float).T
    names = panel.layout.get("meta", {}).get("cells") or {
        name: [writer(panel.axis(name))(at) for at in along(trace, name, count)]
        for name, count in zip("xy", z.shape, strict=True)
    }
    scale = panel.layout[trace["coloraxis"]]
    write = writer(scale["colorbar"])
    body = [(row, *map(write, line)) for row, line in zip(names["x"], z, strict=True)]
    cut = "tickformat" not in scale["colorbar"] and bool(np.isin(z, (scale["cmin"], scale["cmax"])).any())
    note = "A number at an end of the colour scale may lie beyond it." if cut else ""
    return bounded(trace.get("name") or panel.title(), (f"{panel.head('x')} ↓", *names["y"]), body, note)


def along(trace: dict, name: str, count: int) -> np.ndarray:
    """Where the cells of a heatmap stand on an axis."""
    if name in trace:
        return np.asarray(trace[name], float)
    return trace.get(f"{name}0", 0) + trace.get(f"d{name}", 1) * np.arange(count, dtype=float)


def level(trace: dict, panel: Panel) -> str:
    """What a straight line across the panel says: its name and where it stands; nothing for any other trace."""
    if len(trace["x"]) == 2 and panel.x != "scene":
        for name in "yx":
            start, end = np.asarray(trace[name], float)
            if start == end:
                return f"{trace['name']}: {writer(panel.axis(name))(end)}"
    return ""


def by_place(lines: Sequence[dict], panel: Panel) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A row per place on the x axis, a column per line."""
    x, y = writer(panel.axis("x")), writer(panel.axis("y"))
    read = [dict(zip(places(t), with_interval(t, heights, y), strict=True)) for t, heights in unstacked(lines)]
    rows = sorted({at for line in read for at in line if not np.isnan(at)})
    body = [(x(at), *(line.get(at, y(np.nan)) for line in read)) for at in rows]
    return (panel.head("x"), *(t["name"] for t in lines)), body


def places(trace: dict) -> list[float]:
    """Where the points of a line belong; marks that are drawn a little aside name their place as customdata."""
    return np.asarray(trace.get("customdata", trace["x"]), float).tolist()


def with_interval(trace: dict, heights: np.ndarray, write: Callable[[float], str]) -> list[str]:
    """The values of a line, each with the ends of its bar, if it has one."""
    if "error_y" not in trace:
        return list(map(write, heights))
    least, most = heights - trace["error_y"]["arrayminus"], heights + trace["error_y"]["array"]
    return [f"{write(y)} ({write(a)} … {write(b)})" for y, a, b in zip(heights, least, most, strict=True)]


def unstacked(lines: Sequence[dict]) -> Iterator[tuple[dict, np.ndarray]]:
    """The lines with their values; of areas that are stacked on one another, what each adds."""
    below: np.ndarray | float = 0.0
    for trace in lines:
        y = np.asarray(trace["y"], float)
        stacked = trace.get("meta") == "share" and trace.get("fill") == "tonexty"
        yield trace, y - below if stacked else y
        below = y


def by_name(lines: Sequence[dict], panel: Panel) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A row per name along the y axis; of a bar from 0, its end."""
    scale, write = panel.axis("y"), writer(panel.axis("x"))
    body = [[text] for text in scale["ticktext"]]
    for trace in lines:
        at, values = np.asarray(trace["y"], float), np.asarray(trace["x"], float)
        nearest = np.abs(at[:, None] - np.asarray(scale["tickvals"], float)).argmin(axis=1)
        for row, cells in enumerate(body):
            found = values[(nearest == row) & ~np.isnan(values)]
            cells.append(write(found[-1] if len(found) else np.nan))
    return ("name", *(t["name"] for t in lines)), [tuple(cells) for cells in body]


def points(lines: Sequence[dict], panel: Panel, names: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A row per point."""
    write = [writer(panel.axis(name)) for name in names]
    body = [
        (t["name"], *(w(at) for w, at in zip(write, place, strict=True)))
        for t in lines
        for place in zip(*(np.asarray(t[name], float) for name in names), strict=True)
        if not np.isnan(place).any()
    ]
    return ("line", *map(panel.head, names)), body


def bounded(title: str, head: Sequence[str], body: Sequence[Sequence[str]], note: str) -> Table:
    """The table, thinned evenly where it is large; first and last always stay."""
    rows, columns = (evenly(n, most) for n, most in ((len(body), MOST_ROWS), (len(head) - 1, MOST_COLUMNS)))
    columns = [0, *(1 + c for c in columns)]
    sizes = (len(rows), len(body), "rows"), (len(columns) - 1, len(head) - 1, "columns")
    parts = [f"{kept} of {n} {what}" for kept, n, what in sizes if kept < n]
    thinned = f"{' and '.join(parts)}, evenly spaced." if parts else ""
    return Table(
        title,
        tuple(head[c] for c in columns),
        tuple(tuple(body[r][c] for c in columns) for r in rows),
        " ".join(filter(None, (thinned, note))),
    )


def evenly(n: int, most: int) -> list[int]:
    """At most so many of n places, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int)).tolist() if n else []
