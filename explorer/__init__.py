"""Visual gradient explorer for recurrent neural networks."""
