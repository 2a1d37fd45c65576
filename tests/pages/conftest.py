"""Pages run without a browser: Streamlit's AppTest runs the script, and an event of the board can be sent to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import streamlit
from packaging.version import parse
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from explorer.mishaps import SORRY
from tests.live.unpacking import unjoin, unpack

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for path in (ROOT / "explorer" / "pages").glob("*.py") if path.name != "__init__.py")
SECONDS = 60


def opened(page: str = "explore", **query: str) -> AppTest:
    """The app on one of its pages, with these URL parameters."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    at.query_params.update(query)
    at.session_state["more"] = True  # the popover is open: all widgets are there
    if page != "explore":
        at.run().switch_page(str(ROOT / "explorer" / "pages" / f"{page}.py"))
    return at.run()


def fine(at: AppTest) -> AppTest:
    """No exception on the page, and none that was caught: its traceback is in the captured log."""
    assert [(e.message, e.stack_trace) for e in at.exception] == []
    assert [error.value for error in at.error if error.value.startswith(SORRY)] == []
    return at


def components(at: AppTest) -> list[str]:
    """The names of the components that the page has mounted; every page has the lifeline."""
    names = [each.proto.component_name.split("_")[-1] for each in at.get("bidi_component")]
    return [name for name in names if name != "lifeline"]


def board_of(at: AppTest, which: int = 0) -> Any:
    """What the page sends to its board, or to another of its components."""
    return at.get("bidi_component")[which].proto


def sent(at: AppTest) -> tuple[dict, dict, list[dict]]:
    """What the board receives: its envelope, the exact frame, and the frames of the strip, if there is one."""
    envelope, body = unjoin(board_of(at).bytes)
    (frame,) = unpack(body[: envelope["frame"]])
    return envelope, frame, unpack(body[envelope["frame"] :]) if envelope["strip"] else []


def fire(at: AppTest, payload: Any, which: int = 0) -> AppTest:
    """Run the page as when the JavaScript of a component calls setTriggerValue("event", payload)."""
    return send(at, event(board_of(at, which), payload))


def event(component: Any, payload: Any) -> WidgetState:
    """What a browser sends then."""
    value = json.dumps([{"event": "event", "value": payload}])
    return WidgetState(id=_make_trigger_id(component.id, "events"), json_trigger_value=value)


def tell(at: AppTest, state: Any, which: int = 0) -> AppTest:
    """Run the page as when the JavaScript of a component calls setStateValue for each entry of `state`."""
    return send(at, WidgetState(id=board_of(at, which).id, json_value=json.dumps(state)))


def send(at: AppTest, said: WidgetState) -> AppTest:
    """Run the page with what a component says."""
    if parse(streamlit.__version__) < parse("1.67"):
        pytest.skip(f"AppTest of Streamlit {streamlit.__version__} cannot send a component's event (1.67 can)")
    states = at._tree.get_widget_states()
    states.widgets.append(said)
    return at._run(states)


@pytest.fixture(autouse=True)
def no_numpy_warnings():
    """A page may show an overflow; it may not warn about one in the server's log."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield
