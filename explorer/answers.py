"""How an answer leaves the server: at once, several messages in one go, and with little to clear away after it.

A page is some thirty messages. Streamlit hands each of them to the thread that sends, which wakes up for each and has
to be given Python's lock each time; and with every answer it looks all settings up again, six times through all of
them for the theme alone. That is a quarter of what the shortest answer costs, and a class asks for fifty a second.

Both are functions that Streamlit does not promise to keep. Where a version of it has them no longer, it is left as it
is; `tests/test_answers.py` says which version is here.
"""

from __future__ import annotations

import gc
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from streamlit import config

SOON = 0.005  # seconds for which a message may wait for others; Streamlit itself sends no oftener
GOES_ON = ("SCRIPT_STARTED", "ENQUEUE_FORWARD_MSG")  # events after which a run has more to tell


def answer_swiftly() -> None:
    """From here on, for all sessions to come. More than once would change nothing."""
    send_at_once()
    with suppress(ImportError, AttributeError):  # a later Streamlit
        from streamlit.runtime import app_session

        receive = app_session.AppSession._on_scriptrunner_event
        if not hasattr(receive, "one_by_one"):
            app_session.AppSession._on_scriptrunner_event = in_one_go(
                receive, app_session.AppSession._handle_scriptrunner_event_on_event_loop
            )
        for name in ("_populate_theme_msg", "_populate_config_msg"):
            fill = getattr(app_session, name)
            if not hasattr(fill, "each_time"):
                setattr(app_session, name, written_once(fill))
    with suppress(ImportError, AttributeError):
        from streamlit.components.v2.bidi_component import main as components

        make = components.make_bidi_component_presenter
        if not hasattr(make, "with_classes"):
            components.make_bidi_component_presenter = read_only(make)


def send_at_once() -> None:
    """Switch Nagle's algorithm off, which holds a message back until the one before it has been acknowledged.

    An answer is several messages, and a browser acknowledges what asks for no reply after 40 ms or more. asyncio would
    switch it off, but does not recognise the sockets that Streamlit's server makes (they name no protocol). Connections
    to come inherit this from the socket that listens.
    """
    for each in gc.get_objects():
        if type(each) is socket.socket and over_tcp(each):
            with suppress(OSError):  # closed, or being closed
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def over_tcp(each: socket.socket) -> bool:
    """Whether this is one end of a connection over the network, or listens for some."""
    return each.type == socket.SOCK_STREAM and each.family in (socket.AF_INET, socket.AF_INET6)


class Outbox:
    """What a session's run has told the thread that sends, which has been asked to come for it, or not yet."""

    def __init__(self) -> None:
        self.events: deque[dict[str, Any]] = deque()
        self.called = False


def in_one_go(one_by_one: Callable[..., None], handle: Callable[..., None]) -> Callable[..., None]:
    """In place of a session's method that calls the sending thread for every event of its run.

    That comes soon after the first event, and at once when the run has ended, and takes all that are there by then,
    in their order: `handle(session, sender, **event)` is what it does with each.
    """

    def take_all(session: Any, outbox: Outbox) -> None:
        outbox.called = False  # before the first is taken: what comes later calls anew
        told, session._message_enqueued_callback = session._message_enqueued_callback, None
        try:
            while outbox.events:
                handle(session, **outbox.events.popleft())
        finally:
            session._message_enqueued_callback = told
            if told:  # that there is something to send, once for all of it
                told()
            if outbox.events:  # one has failed; those behind it must not wait for the next
                session._event_loop.call_soon(take_all, session, outbox)

    def receive(session: Any, sender: Any, **event: Any) -> None:
        outbox = session.__dict__.setdefault("outbox", Outbox())
        outbox.events.append({"sender": sender, **event})
        loop = session._event_loop
        with suppress(RuntimeError):  # the server is going down, and its loop is closed
            if event["event"].name not in GOES_ON:
                loop.call_soon_threadsafe(take_all, session, outbox)
            elif not outbox.called:
                outbox.called = True
                loop.call_soon_threadsafe(loop.call_later, SOON, take_all, session, outbox)

    receive.one_by_one = one_by_one  # sessions that were there before know it by a weak reference
    return receive


def written_once(each_time: Callable[..., None]) -> Callable[..., None]:
    """In place of `fill(message, *section)`, which writes Streamlit's settings into a message: a copy of the first one.

    When the settings are read again, as after a change of config.toml, so are these.
    """
    written: dict[tuple[str, ...], Any] = {}
    of: list[Any] = []

    def fill(message: Any, *section: str) -> None:
        settings = config.get_config_options()
        if not of or of[0] is not settings:
            of[:] = [settings]
            written.clear()
        if section not in written:
            made = type(message)()
            each_time(made, *section)
            written[section] = made
        if written[section].ByteSize():  # a part that is empty must not seem to be set
            message.MergeFrom(written[section])

    fill.each_time = each_time
    return fill


def read_only(with_classes: Callable[..., Callable]) -> Callable[..., Callable]:
    """In place of what makes a component's presenter: `present(state, session)` is a dictionary to read from.

    It holds what the component has just sent, by event, beside its state. Streamlit's own could be written to as well,
    by a class that is made for every reading.
    """

    def make_presenter(events: str, *_: Any, **__: Any) -> Callable[[Any, Any], Any]:
        def present(state: Any, session: Any) -> Any:
            try:
                sent = session._new_widget_state[events]
            except KeyError:  # nothing, or from a browser whose component has not been mounted here yet
                return state
            payloads = (each for each in sent or () if isinstance(each, dict) and isinstance(each.get("event"), str))
            return {**{each["event"]: each.get("value") for each in payloads}, **state}

        return present

    make_presenter.with_classes = with_classes
    return make_presenter
