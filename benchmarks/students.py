"""Students without a browser: they speak Streamlit's protocol (protobuf over a WebSocket) to a running app.

A student opens a page as a browser does and uses it: an answer has come when the script's last message has, by which
time everything that the page draws is here.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
from typing import Any
from urllib.parse import urlencode

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

BOARD = "explorer_board"


class Student:
    """One open page. `received` counts bytes; `faults` what went wrong on the page."""

    socket: ClientConnection

    address = ""  # of the page, below the app's own

    def __init__(self, url: str, **query: Any):
        self.url, self.query = url, urlencode(query)
        self.page = ""  # hash of the page's script, which every message names
        self.elements: dict[str, Any] = {}  # by type and label, the newest of each that the page has drawn
        self.fragments: dict[str, str] = {}  # the same: the fragment that drew it, which runs alone when it is used
        self.ticks = "", 0.0  # the fragment that asks to be run again and again, and every how many seconds
        self.received = 0
        self.faults: list[str] = []

    async def open(self) -> float:
        """Go to the page; the seconds until all of it is here."""
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self.socket = await connect(address, subprotocols=["streamlit"], max_size=None, compression=None)
        return await self.rerun()

    async def close(self) -> None:
        """Close the tab."""
        await self.socket.close()

    async def rerun(self, *states: WidgetState, fragment: str = "") -> float:
        """Send what the widgets say; the seconds until the script, or this fragment of it, has run to its end."""
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.page_name = "" if self.page else self.address
        message.rerun_script.widget_states.widgets.extend(states)
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        await self.until_finished()
        return time.perf_counter() - start

    async def until_finished(self) -> None:
        """Take messages up to the end of a run."""
        while True:
            data = await self.socket.recv()
            self.received += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                if message.script_finished == ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN:
                    continue
                if message.script_finished == ForwardMsg.ScriptFinishedStatus.FINISHED_WITH_COMPILE_ERROR:
                    self.faults.append("FINISHED_WITH_COMPILE_ERROR")
                return
            if kind == "navigation":
                self.page = message.navigation.page_script_hash
            elif kind == "auto_rerun":
                self.ticks = message.auto_rerun.fragment_id, message.auto_rerun.interval
            elif kind == "page_info_changed":  # the page has written the URL
                self.query = message.page_info_changed.query_string
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                if element.WhichOneof("type") == "exception":
                    self.faults.append(element.exception.message)
                drawn = getattr(element, element.WhichOneof("type"))
                name = element.WhichOneof("type") + getattr(drawn, "label", "")
                if name == "bidi_component":
                    name = drawn.component_name
                self.fragments[name] = message.delta.fragment_id
                self.take(name, drawn)

    def take(self, name: str, element: Any) -> None:
        """The page has drawn something: `name` is its type and label, or a component's own name."""
        self.elements[name] = element


class PlainStudent(Student):
    """At benchmarks/plain_page.py: a native slider over four charts."""

    async def move(self, value: float) -> float:
        """Let go of the slider at a value."""
        slider = self.elements["sliderWeight scale"]
        state = WidgetState(id=slider.id)
        state.string_array_value.data.append(str(value))
        seconds = await self.rerun(state)
        if f' {value}"' not in self.elements["plotly_chart"].spec:
            self.faults.append(f"the last chart does not show {value}")
        return seconds


class BoardStudent(Student):
    """At a page with a live board, which asks for a strip along the slider where board.js would."""

    def __init__(self, url: str, **query: Any):
        super().__init__(url, **query)
        self.serial = 0
        self.strips: dict[str, str] = {}  # by field: for which settings the board holds a strip
        self.others: dict[str, str] = {}  # by field: the strip that would fit now
        self.answered = 0

    def take(self, name: str, element: Any) -> None:
        super().take(name, element)
        if name == BOARD:
            envelope, frame = unjoin(element.bytes)
            pool = unjoin(frame)[0]["pool"]
            self.others = next(d["others"] for d in reversed(pool) if "others" in d)
            self.others = pool[self.others["@"]]
            self.answered = envelope["answer"]
            if envelope["strip"]:
                self.strips[envelope["strip"]["field"]] = envelope["strip"]["key"]

    async def move(self, value: float, field: str = "weight_scale") -> float:
        """Take hold of a slider (which asks for its strip, if none fits) and let go at a value; the longer wait."""
        asked = 0.0
        if self.strips.get(field) != self.others[field]:
            asked = await self.event(field=field, value=value, strip=True)
        return max(asked, await self.event(field=field, value=value, strip=False))

    async def event(self, **event: Any) -> float:
        """What board.js sends as its trigger; the answer must carry the event's number."""
        self.serial += 1
        state = WidgetState(id=_make_trigger_id(self.elements[BOARD].id, "events"))
        state.json_trigger_value = json.dumps([{"event": "event", "value": {**event, "serial": self.serial}}])
        seconds = await self.rerun(state, fragment=self.fragments[BOARD])
        if self.answered != self.serial:
            self.faults.append(f"event {self.serial} was answered as {self.answered}")
        return seconds

    async def press(self, preset: str) -> float:
        """Click a preset."""
        name = "button_groupPresets"
        state = WidgetState(id=self.elements[name].id)
        state.string_array_value.data.append(preset)
        return await self.rerun(state, fragment=self.fragments[name])


class TrainingStudent(Student):
    """At the Training page."""

    address = "training"

    async def train(self, seconds: float) -> None:
        """Press Train, and run the live part as often as it asks for."""
        end = time.perf_counter() + seconds
        await self.rerun(WidgetState(id=self.elements["buttonTrain"].id, trigger_value=True))
        while time.perf_counter() < end:
            fragment, interval = self.ticks
            await asyncio.sleep(interval)
            await self.rerun(fragment=fragment)


def unjoin(data: bytes) -> tuple[Any, bytes]:
    """u32 · JSON · body, as explorer/live/packing.py joins them."""
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length]), data[4 + length :]
