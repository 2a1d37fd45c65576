"""The unrolled network of By hand as a component: numbers to click, arrow keys to walk, a button to play.

`unrolled(key, network, on_event)` mounts it; `network(trace, stops, at, look)` says what stands where. Every number
is written here, by Python, from the run; the browser only lays them out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.theme import power
from explorer.figures.walk import Stop, letters, row
from explorer.live.component import mount_component, session

VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def unrolled(key: str, network: dict[str, Any], answer: int, on_event: Callable[[], None]) -> None:
    """Mount the component. An event is {"move": ±1 | "first" | "last" | "forward" | "backward"} or {"key", "entry"},
    with a serial number; `answer` is that of the last one dealt with.
    """
    mount_component("unrolled", key, {**network, "session": session(), "answer": answer}, on_event)


def write(x: float) -> str:
    """A number in the picture: short, and never a 0 that is not one."""
    if not np.isfinite(x):
        return "?" if np.isnan(x) else "∞" if x > 0 else "−∞"
    if x == int(x) and abs(x) < 1000.0:
        return str(int(x)).replace("-", "−")
    if 0.01 <= abs(x) < 1000.0:
        return f"{x:.2f}".replace("-", "−")
    mantissa, exponent = f"{x:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def texts(values: np.ndarray) -> list[list[str]]:
    """Every entry of a matrix, written."""
    return [[write(x) for x in line] for line in values]


def network(trace: Trace, stops: Sequence[Stop], at: int, look: str, entry: tuple[int, int] | None) -> dict[str, Any]:
    """What the component shows: one column per step, the weights once, the T×T matrix; and the state of each part.

    `at` is the stop that has been reached, `look` the key that is being looked at (the stop's own, or any other).
    """
    order = {stop.key: i for i, stop in enumerate(stops)}
    parents = set(stops[at].parents) if look == stops[at].key else set()

    def state(key: str) -> str:
        lit = "lit" if key == look else "parent" if key in parents else ""
        return lit or ("done" if order.get(key, -1) <= at else "todo")

    def group(kind: str, t: int, symbol: str) -> dict[str, Any] | None:
        key = f"{kind}:{t + 1}"
        if key not in order and kind != "x":
            return None
        values = letters(trace, t)[kind][0]
        return {"key": key, "symbol": symbol, "texts": [write(v) for v in values], "state": state(key)}

    T = len(trace.xs)
    columns = [
        {
            "t": t + 1,
            "reads": VISIBLE.get(trace.inputs[t], trace.inputs[t]),
            "wants": VISIBLE.get(trace.classes[trace.targets[t, 0]], trace.classes[trace.targets[t, 0]]),
            "current": t + 1 == stops[at].t,
            "x": group("x", t, "x"),
            "hidden": [group(kind, t, symbol) for kind, symbol in (("a", "a"), ("h", "h"), ("dh", "dh"), ("da", "da"))],
            "output": [group(kind, t, symbol) for kind, symbol in (("y", "y"), ("p", "p"), ("dy", "dy"))],
            "loss": group("L", t, "L"),
        }
        for t in range(T)
    ]
    return {
        "stop": at,
        "stops": len(stops),
        "turn": next(i for i, stop in enumerate(stops) if stop.kind.backward),
        "entry": list(entry) if entry else None,
        "columns": columns,
        "classes": [VISIBLE.get(c, c) for c in trace.classes],
        "weights": weights(trace, stops, at, look, parents),
        "flow": flow(trace, look),
        "taken": (trace.loss_mask > 0).tolist(),
    }


def weights(trace: Trace, stops: Sequence[Stop], at: int, look: str, parents: set[str]) -> list[dict[str, Any]]:
    """Each parameter beside its gradient as far as the walk has summed it."""
    made = []
    for name, values in trace.params.items():
        summed = [stop for stop in stops[: at + 1] if stop.key.split(":")[0] == f"d{name}"]
        so_far = summed[-1].value if summed else np.zeros_like(row(values))
        growing = summed and summed[-1].key == look
        made.append(
            {
                "name": name,
                "values": texts(row(values)),
                "gradient": texts(so_far),
                "state": "lit" if name == look else "parent" if name in parents else "done",
                "gradient_key": summed[-1].key if summed else None,
                "gradient_state": "lit" if growing else "done" if summed else "todo",
            }
        )
    return made


def flow(trace: Trace, look: str) -> list[list[dict[str, Any]]]:
    """‖∂L_t/∂h_k‖ for k ≤ t: a row per loss, a column per state; what belongs to the quantity in view is lit.

    A row stands there also where the run takes no loss: what one there would send.
    """
    kind, _, place = look.partition(":")
    norms = trace.flow.log10_norms

    def lit(t: int, k: int) -> bool:
        if kind == "flow":
            return place == f"{t + 1},{k + 1}"
        if kind in ("L", "dy", "p", "y"):
            return place == str(t + 1)  # one loss: its row
        return kind in ("h", "dh", "a", "da") and place == str(k + 1)  # one state: its column

    return [
        [{"key": f"flow:{t + 1},{k + 1}", "text": power(norms[t, k], 2), "lit": lit(t, k)} for k in range(t + 1)]
        for t in range(len(norms))
    ]
