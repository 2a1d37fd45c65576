"""Class rooms: one teacher, many students without accounts, the same lesson, answers that pool on the projector.

    store.py    what a room is, the few things a store does, and how much of them there may be
    sqlite.py   the store that needs no set-up: one file
    redis.py    the store that several app processes share, on several machines if need be
    rooms.py    the rules on top: codes, the teacher's secret, limits against guessing
    table.py    the answers as CSV

Nothing here knows Streamlit. A student is a random token, kept in the student's own URL, and a number in the room.
"""
