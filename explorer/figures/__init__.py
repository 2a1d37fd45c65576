"""Pictures: pure functions from runs to a `Picture` (a Plotly figure, a title, and one computed sentence).

A figure is the plain dictionary that Plotly's JSON is made from, with NumPy arrays in it. The live board sends it to
the browser as bytes; `theme.plotly_figure` turns it into a `plotly.graph_objects.Figure` for `st.plotly_chart`.
"""
