"""A class room on the page.

    session.py   who this session is in which room, and the look at what has changed
    door.py      join a room, or open one; alone.py: where no server keeps rooms
    desk.py      a student: the question, then what is true
    lectern.py   the teacher: steers the class, sees its answers pool

What a room is and keeps stands in `explorer/rooms/`; how a screen of a lesson is put on a page, in `asking.py`.
"""
