"""A network and a sequence that somebody brings: read from files (`read_*.py`), kept in the session (`keeping.py`)."""
