"""Training without a page.

    recipe.py        how a Config is trained: `start(config, recipe)` → an iterator of updates
    lab.py           up to four variants in step, their logs, slices of work
    trained.py       the network that comes out, to files and back
    trainability.py  success against length: many short trainings

The algorithm itself is `explorer/engine/training.py`. Nothing here knows of Streamlit.
"""
