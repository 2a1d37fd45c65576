"""What can be taken away from a page.

source.py     functions of the engine as text, with whatever they call
script.py     a run as one readable NumPy script; notebook.py, the same cell by cell
training_script.py, shape_script.py   what was learnt, in the engine's own lines; training_files.py, shape_files.py
data.py       a run's numbers as .csv and .npz, every array with its symbol, shape and unit
handout.py    a figure, or a whole view with its sentences, as one HTML file that opens offline; diagram.py, steps.py
menu.py       the Export popover of a page
"""
