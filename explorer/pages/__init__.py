"""One thin file per page: title → text → controls → run → pictures. No arithmetic here."""
