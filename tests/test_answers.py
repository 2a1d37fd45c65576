"""How an answer leaves: at once, in one go, and with what never changes written once."""

import asyncio
import socket
from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.components.v2.bidi_component import main as components
from streamlit.proto.NewSession_pb2 import Config, CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

from explorer.answers import GOES_ON, SOON, answer_swiftly, in_one_go, read_only, send_at_once, written_once

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar")
STARTED, MESSAGE, ENDED = map(ScriptRunnerEvent, (*GOES_ON, "SCRIPT_STOPPED_WITH_SUCCESS"))


class Session:
    """As much of Streamlit's as sends messages: what is handled, and how often the runtime is told of it."""

    def __init__(self):
        self._event_loop = asyncio.get_running_loop()
        self._message_enqueued_callback = self.told
        self.handled, self.calls = [], 0

    def told(self):
        self.calls += 1

    def handle(self, sender, event, forward_msg=None):
        if forward_msg == "bad":
            raise ValueError(forward_msg)
        self.handled.append((sender, event, forward_msg))
        if self._message_enqueued_callback:
            self._message_enqueued_callback()

    receive = in_one_go(lambda session: None, handle)


def test_this_streamlit_has_what_is_replaced(monkeypatch):
    """The first line of defence against a later one that has not: then CHANGELOG and the module have to say so."""
    session = app_session.AppSession
    before = {name: getattr(app_session, name) for name in ("_populate_theme_msg", "_populate_config_msg")}
    receive = session._on_scriptrunner_event
    for name, function in before.items():  # and put back afterwards
        monkeypatch.setattr(app_session, name, getattr(function, "each_time", function))
    monkeypatch.setattr(session, "_on_scriptrunner_event", getattr(receive, "one_by_one", receive))
    monkeypatch.setattr(components, "make_bidi_component_presenter", streamlits_presenter())
    for _ in range(2):  # more than once changes nothing
        answer_swiftly()
        assert not hasattr(session._on_scriptrunner_event.one_by_one, "one_by_one")
        for name in before:
            assert not hasattr(getattr(app_session, name).each_time, "each_time")
        assert not hasattr(components.make_bidi_component_presenter.with_classes, "with_classes")


def streamlits_presenter():
    """What makes Streamlit's own presenter, whether or not it has been replaced."""
    make = components.make_bidi_component_presenter
    return getattr(make, "with_classes", make)


def test_messages_in_one_go():
    """In their order; the runtime is told once, and not before they are all there."""

    async def run():
        session = Session()
        session.receive("a", event=STARTED)
        for n in range(20):
            session.receive("a", event=MESSAGE, forward_msg=n)
        await asyncio.sleep(0)
        assert (session.handled, session.calls) == ([], 0)
        session.receive("a", event=ENDED)
        await asyncio.sleep(0)
        assert session.handled == [
            ("a", STARTED, None),
            *(("a", MESSAGE, n) for n in range(20)),
            ("a", ENDED, None),
        ]
        assert session.calls == 1
        assert session._message_enqueued_callback == session.told

    asyncio.run(run())


def test_no_message_waits_for_the_end_of_its_run():
    """What has been told leaves soon, however long the run goes on; and again after that."""

    async def run():
        session = Session()
        for n in range(3):
            session.receive("a", event=MESSAGE, forward_msg=n)
            await asyncio.sleep(4 * SOON)
            assert [message for *_, message in session.handled] == list(range(n + 1))

    asyncio.run(run())


def test_messages_of_another_thread():
    """None is lost, none overtakes another, while both threads are at it."""

    async def run():
        session, many = Session(), 5000

        def page():
            for n in range(many):
                session.receive("a", event=MESSAGE, forward_msg=n)
            session.receive("a", event=ENDED)

        await asyncio.to_thread(page)
        await asyncio.sleep(2 * SOON)
        assert [message for *_, message in session.handled] == [*range(many), None]
        assert session.calls < many / 10

    asyncio.run(run())


def test_a_message_that_fails_stops_no_other():
    async def run():
        session, errors = Session(), []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: errors.append(context["exception"]))
        for message in ("good", "bad", "better"):
            session.receive("a", event=MESSAGE, forward_msg=message)
        session.receive("a", event=ENDED)
        await asyncio.sleep(2 * SOON)
        assert [message for *_, message in session.handled] == ["good", "better", None]
        assert [str(error) for error in errors] == ["bad"]
        assert session._message_enqueued_callback == session.told

    asyncio.run(run())


def test_a_server_that_goes_down_is_left_alone():
    async def make():
        return Session()

    session = asyncio.run(make())
    session.receive("a", event=MESSAGE, forward_msg=1)
    session.receive("a", event=ENDED)
    assert session.handled == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_theme_is_what_streamlit_writes(section):
    """The first time, and when it is a copy."""
    each_time = getattr(app_session._populate_theme_msg, "each_time", app_session._populate_theme_msg)
    expected = CustomThemeConfig()
    each_time(expected, section)
    fill = written_once(each_time)
    for _ in range(2):
        message = CustomThemeConfig()
        fill(message.light, section)
        assert message.HasField("light") == bool(expected.ByteSize())
        assert message.light == expected


def test_settings_are_written_anew_when_they_are_read_again(monkeypatch):
    each_time = getattr(app_session._populate_config_msg, "each_time", app_session._populate_config_msg)
    calls = []

    def counted(message):
        calls.append(message)
        each_time(message)

    fill = written_once(counted)
    first, second = Config(), Config()
    fill(first)
    fill(second)
    assert first == second
    assert len(calls) == 1
    again = dict(config.get_config_options())
    monkeypatch.setattr(config, "get_config_options", lambda: again)
    fill(Config())
    assert len(calls) == 2


def test_connections_to_come_send_at_once():
    """Those of a socket that listened before. A socket that is closed, or speaks UDP, is left alone."""
    socket.socket().close()
    with socket.socket() as listening, socket.socket(type=socket.SOCK_DGRAM):
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        send_at_once()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


@pytest.mark.parametrize(
    "sent",
    [
        [{"event": "event", "value": {"field": "weight_scale", "value": 1.2}}],
        [{"event": "event", "value": 1}, {"event": "state", "value": 2}, {"event": "event", "value": 3}],
        [],
        None,
        ["event", 5, {"event": 7, "value": 8}, {"value": 9}, None],
    ],
)
def test_a_component_is_seen_as_streamlit_shows_it(sent):
    """What it has sent, beside its state, which counts where both have a name."""

    class States(dict):
        def __init__(self, **sent):
            super().__init__(sent)
            self.widget_metadata = {"events": SimpleNamespace(value_type="json_trigger_value")}

    session, state = SimpleNamespace(_new_widget_state=States(events=sent)), {"state": "its own", "other": 1}
    own = streamlits_presenter()
    assert read_only(own)("events")(state, session) == own("events")(state, session)
    session._new_widget_state.clear()
    assert read_only(own)("events")(state, session) == own("events")(state, session) == state
