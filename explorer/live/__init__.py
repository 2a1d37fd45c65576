"""The live board: pictures that follow a slider while it is dragged.

packing.py   frames (dictionaries with arrays) → bytes
board.py     the component: sliders and a frame to the browser, events back
board.js     keeps the pictures alive, scrubs through a strip of frames, asks Python for what it lacks
board.css    its looks, from Streamlit's theme variables
"""
