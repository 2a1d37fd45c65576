"""Visual gradient explorer for recurrent networks. Start with `streamlit run app.py`."""

from contextlib import nullcontext
from pathlib import Path

import streamlit as st

from explorer.browser import IN_BROWSER, mend_streamlit
from explorer.controls import level
from explorer.crowd import in_line
from explorer.kept_files import keep_files
from explorer.live.lifeline import lifeline
from explorer.mishaps import number_what_streamlit_catches, reported
from explorer.texts import words

if IN_BROWSER:
    mend_streamlit()
else:
    keep_files()

# A file of ours: browsers fetch the icon of a :material/…: name from Google. Without a server, the site's page has it.
ICON = None if IN_BROWSER else Path(__file__).parent / "static" / "icon.png"
st.set_page_config(page_title=words("app.title"), page_icon=ICON, layout="wide")

PAGES = [
    st.Page("explorer/pages/explore.py", title=words("explore.title"), icon=":material/ssid_chart:", default=True),
    st.Page("explorer/pages/by_hand.py", title=words("by_hand.title"), icon=":material/edit:"),
    st.Page("explorer/pages/flow.py", title=words("flow.title"), icon=":material/grid_on:"),
    st.Page("explorer/pages/regimes.py", title=words("regimes.title"), icon=":material/map:"),
    st.Page("explorer/pages/clipping.py", title=words("clipping.title"), icon=":material/content_cut:"),
    st.Page("explorer/pages/gated.py", title=words("gated.title"), icon=":material/meeting_room:"),
    st.Page("explorer/pages/shapes.py", title=words("shapes.title"), icon=":material/account_tree:"),
    st.Page("explorer/pages/training.py", title=words("training.title"), icon=":material/school:"),
    st.Page("explorer/pages/own.py", title=words("own.title"), icon=":material/upload_file:"),
    st.Page("explorer/pages/lessons.py", title=words("lessons.title"), icon=":material/quiz:"),
    st.Page("explorer/pages/room.py", title=words("room.title"), icon=":material/groups:"),
]

number_what_streamlit_catches()
st.html(Path(__file__).parent / "explorer" / "live" / "page.css")
with reported():
    level.begin()
    page = st.navigation(PAGES, position="top")
    # A class room may have to wait for its store; nobody else shall.
    with nullcontext() if page.url_path == "room" else in_line():
        page.run()
        level.switch()
        lifeline()
