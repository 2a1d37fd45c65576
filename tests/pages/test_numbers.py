"""The drawer under pictures: closed at first, and every picture of every page has its numbers in it."""

from __future__ import annotations

import pytest

from tests.pages.conftest import fine, opened

BOARDS = {"explore": 4, "flow": 4, "gated": 4, "regimes": 4, "clipping": 4}


def tables(at):
    return [m.value for m in at.markdown if m.value.startswith("| ")]


@pytest.mark.parametrize("page", BOARDS)
def test_every_picture_of_a_board(page):
    at = opened(page)
    before = len(tables(at))
    at.session_state[f"{page}_board_numbers"] = True
    fine(at.run())
    assert len(tables(at)) == before + 1
    seen = set()
    for n in range(BOARDS[page]):
        fine(at.selectbox(key=f"{page}_board_picture").select_index(n).run())
        seen.add(tables(at)[0])
    assert len(seen) == BOARDS[page]


def test_a_chart_and_a_film():
    at = opened("clipping")
    at.session_state["clipping_part"] = "The wall"
    at.session_state["clipping_wall_numbers"] = True
    fine(at.run())
    (parts,) = [box for box in at.selectbox if box.label == "Part"]
    fine(parts.select_index(parts.options.index("‖∇E‖")).run())
    assert any("not clipped" in table for table in tables(at))
    at.session_state["clipping_part"] = "Which threshold?"
    at.session_state["clipping_trace_numbers"] = True
    fine(at.run())


def test_what_was_typed_stays_text():
    """A symbol that would end its cell or make a link is escaped."""
    at = opened("flow", task="text", text="a|b[c](d)", T="9")
    at.session_state["flow_board_numbers"] = True
    fine(at.run())
    (table,) = [t for t in tables(at) if "step" in t]
    lines = table.splitlines()
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
