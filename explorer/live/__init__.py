"""What moves in the browser. Python computes and writes every number; the JavaScript lays it out.

The live board, pictures that follow a slider while it is dragged:

    mount.py       a page's board: its sliders from the session's settings, its events back into them; caches
    frames.py      settings → runs → pictures → frames and strips of frames
    packing.py     frames (dictionaries with arrays) → bytes
    envelope.py    what the board is told in one go: sliders, a frame, perhaps a strip
    board.py       the component
    explore.py     Explore's board; and the same without Streamlit, for explore.html
    board.js, .css keep the pictures alive, scrub through a strip, ask Python for what they lack
    board.*.js     its parts: packing (bytes → frames), slider, picture, sketch (the canvas), axes (until
                   Plotly is loaded), reading (what the pointer is told), colours, words (verdicts and legends)

Beside it: `unrolled.*`, the network of By hand; `shape.*`, those of Shapes; `player.*`, the descents of Clipping;
`sketch.*`, the pad of Lessons to draw a curve on; `presenter.*`, the keys that turn a lesson's screens, and the look of
the presenter view; `lifeline.*`, which draws the page again when a lost connection is back or the theme changed;
`turns.py`, who may train now; `chart.py`, a picture by `st.plotly_chart`; and `component.py`, which registers what has
a JavaScript file, with `library.js`, what they share.
"""
