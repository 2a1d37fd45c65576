"""Visual gradient explorer for recurrent networks. Start with `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from explorer.browser import IN_BROWSER, mend_streamlit
from explorer.mishaps import number_what_streamlit_catches, reported

if IN_BROWSER:
    mend_streamlit()

# A file of ours: browsers fetch the icon of a :material/…: name from Google. Without a server, the site's page has it.
ICON = None if IN_BROWSER else Path(__file__).parent / "static" / "icon.png"
st.set_page_config(page_title="RNN gradient explorer", page_icon=ICON, layout="wide")

PAGES = [
    st.Page("explorer/pages/explore.py", title="Explore", icon=":material/ssid_chart:", default=True),
    st.Page("explorer/pages/by_hand.py", title="By hand", icon=":material/edit:"),
    st.Page("explorer/pages/flow.py", title="Gradient flow", icon=":material/grid_on:"),
    st.Page("explorer/pages/regimes.py", title="Regimes", icon=":material/map:"),
    st.Page("explorer/pages/clipping.py", title="Clipping", icon=":material/content_cut:"),
    st.Page("explorer/pages/gated.py", title="Gated cells", icon=":material/meeting_room:"),
    st.Page("explorer/pages/shapes.py", title="Shapes", icon=":material/account_tree:"),
    st.Page("explorer/pages/training.py", title="Training", icon=":material/school:"),
    st.Page("explorer/pages/own.py", title="Your network", icon=":material/upload_file:"),
    st.Page("explorer/pages/lessons.py", title="Lessons", icon=":material/quiz:"),
    st.Page("explorer/pages/room.py", title="Class room", icon=":material/groups:"),
]

number_what_streamlit_catches()
st.html(Path(__file__).parent / "explorer" / "live" / "motion.css")
with reported():
    st.navigation(PAGES, position="top").run()
