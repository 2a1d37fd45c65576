"""What the live board is measured against: the same four pictures of the same run, as any Streamlit page shows them.

streamlit run benchmarks/plain_page.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import streamlit as st

from explorer.config import SPECS, Config, from_query
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.theme import plotly_figure
from explorer.figures.truncation import full_against_truncated
from explorer.figures.verdict import verdict
from explorer.run import compare

st.set_page_config(layout="wide")
link, _ = from_query(st.query_params)
scale = st.select_slider("Weight scale", SPECS["weight_scale"].grid, link.weight_scale, key="weight_scale")
config = Config(
    sequence_length=link.sequence_length, hidden_size=link.hidden_size, seed=link.seed, weight_scale=float(scale)
)
traces = compare(config)

for column, (name, trace) in zip(st.columns(len(traces)), traces.items(), strict=True):
    told = verdict(name, trace)
    column.write(f"{name}: {told.headline}, {', '.join(f'{label} {value}' for label, value in told.facts)}")

columns = st.columns(2)
for i, make in enumerate((hidden_states, full_against_truncated, gradient_terms, clipping)):
    picture = make(traces)
    figure = plotly_figure(picture).update_layout(title=f"{picture.title} · {scale}", margin_t=40, height=280)
    columns[i % 2].plotly_chart(figure, key=make.__name__)
    columns[i % 2].write(picture.sentence)
