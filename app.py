"""Visual gradient explorer for recurrent networks. Start with `streamlit run app.py`."""

import streamlit as st

st.set_page_config(page_title="RNN gradient explorer", page_icon=":material/ssid_chart:", layout="wide")

PAGES = [
    st.Page("explorer/pages/explore.py", title="Explore", icon=":material/ssid_chart:", default=True),
    st.Page("explorer/pages/by_hand.py", title="By hand", icon=":material/edit:"),
    st.Page("explorer/pages/flow.py", title="Gradient flow", icon=":material/grid_on:"),
    st.Page("explorer/pages/regimes.py", title="Regimes", icon=":material/map:"),
    st.Page("explorer/pages/own.py", title="Your network", icon=":material/upload_file:"),
]

st.navigation(PAGES, position="top").run()
