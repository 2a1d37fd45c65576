"""Whether the app runs inside the visitor's browser (Streamlit on Pyodide: deploy/static), and what it takes there."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

IN_BROWSER = sys.platform == "emscripten"
PAUSE = 0.03  # seconds between the end of a run and the next one that nobody asked for: time to send what was drawn


def mend_streamlit() -> None:
    """What stlite 1.9 lacks. Called at every run, does something at the first."""
    from streamlit import runtime
    from streamlit.runtime.app_session import AppSession

    if hasattr(runtime.Runtime, "exists"):
        return
    # Components ask the class, stlite keeps the answers in the module.
    runtime.Runtime.exists = staticmethod(runtime.exists)
    runtime.Runtime.instance = staticmethod(runtime.get_instance)
    AppSession.request_rerun = giving_way(AppSession.request_rerun)


def giving_way(request_rerun: Any) -> Any:
    """Runs by `run_every` wait until the last one's pictures are sent, and come once however many ticks there were.

    A server's thread sends while another one computes. Here is one thread for both, and ticks that came in meanwhile
    would start the next run before anything of the last was sent: the page would stand still for ever. Whoever asks for
    something ends the waiting of all ticks, as one of them that came after a click on another page's name would lead
    back from there; what still ticks will tick again.
    """

    def request(session: Any, client_state: Any) -> None:
        waiting = session.__dict__.setdefault("ticks_waiting", set())
        if not (client_state and client_state.is_auto_rerun):
            waiting.clear()
            return request_rerun(session, client_state)
        if client_state.fragment_id in waiting:
            return None
        waiting.add(client_state.fragment_id)

        def run() -> None:
            if client_state.fragment_id not in waiting:
                return
            if not session._browser_queue.is_empty():
                asyncio.get_event_loop().call_later(PAUSE, run)
                return
            waiting.discard(client_state.fragment_id)
            request_rerun(session, client_state)

        asyncio.get_event_loop().call_later(PAUSE, run)
        return None

    return request
