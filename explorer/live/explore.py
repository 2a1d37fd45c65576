"""Explore's board: what stands on it, and the same board on its own, without Streamlit, for explore.html."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from explorer.config import SPECS, Config, ConfigError, from_query, to_query
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.truncation import full_against_truncated
from explorer.lessons.presets import PRESETS
from explorer.live.envelope import Slider, Strip, envelope, idle, written
from explorer.live.frames import Stage, apart_from, frame_bytes, positions, strip_along, strip_values

STAGE = Stage(
    (hidden_states, full_against_truncated, gradient_terms, clipping),
    ("weight_scale", "sequence_length", "window", "clip_at"),
)
SHOW = ("tanh", "sigmoid")
CHANGED = (*STAGE.sliders, "task")  # by events
MOST_BATCHES = 16  # a link must not cost more than seconds


class Alone:
    """One visitor's board: settings from an address, events in, bytes for board.js out."""

    def __init__(self, query: Mapping[str, str], plotly: str):
        self.specs = {name: spec.on_page() for name, spec in SPECS.items()}
        self.specs["batch_size"] = replace(self.specs["batch_size"], high=MOST_BATCHES)
        ours = {spec.url for spec in self.specs.values()}
        self.config, self.problems = from_query({k: v for k, v in query.items() if k in ours}, specs=self.specs)
        self.plotly = plotly

    def state(self) -> str:
        """What stands around the board, in JSON: the task, the preset that is on the screen, what could not be used.

        "query" are the settings as URL parameters: the full explorer's address says the same.
        """
        spec = self.specs["task"]
        return json.dumps(
            {
                "query": to_query(self.config),
                "tasks": {name: spec.written(name) for name in spec.options},
                "task": self.config.task,
                "presets": {name: preset.text for name, preset in PRESETS.items()},
                "preset": next((name for name, preset in PRESETS.items() if preset.config == self.config), None),
                "problems": self.problems,
            }
        )

    def answer(self, event: Mapping[str, Any]) -> bytes:
        """What the board is told after an event of it; {} for the first time."""
        field, value = event.get("field"), event.get("value")
        if event.get("preset") in PRESETS:
            self.config, self.problems = PRESETS[event["preset"]].config, []
        if field in CHANGED:
            try:
                self.config = replace(self.config, **{field: self.specs[field].check(field, value)})
            except ConfigError as error:
                self.problems = [str(error)]
        sliders = {field: self.slider(field) for field in STAGE.sliders}
        whole = event.get("strip") == "whole"
        strip = self.strip(sliders[field], whole) if event.get("strip") and field in sliders else None
        frame = frame_bytes(self.config, SHOW, STAGE)
        return envelope([*sliders.values()], frame, strip, event.get("serial", 0), "alone", self.plotly, whole)

    def slider(self, field: str) -> Slider:
        """One slider with the present settings."""
        spec, now = self.specs[field], getattr(self.config, field)
        values = positions(self.config, field, spec, now)
        note = idle(self.config, SHOW).get(field, "")
        return Slider(field, spec.label, spec.help, values, written(values, spec.whole), now, note)

    def strip(self, slider: Slider, whole: bool) -> Strip | None:
        """The frames along a slider."""
        values = strip_values(self.config, STAGE, slider.values, slider.value, whole)
        others: Config = apart_from(self.config, (), slider.field)[0]
        return strip_along(others, SHOW, STAGE, (), slider.field, values)
