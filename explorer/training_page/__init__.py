"""Parts of the Training page: what is compared, a text of one's own, the survey, what becomes of the weights.

`train_this.py` is the button of other pages that leads there.
"""
