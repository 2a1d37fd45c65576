"""A download outlives the runs of other sessions until its browser can have come for it, and no longer."""

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from explorer import kept_files
from explorer.kept_files import SECONDS, keep_files


@pytest.fixture
def passing(monkeypatch):
    """Time, to be moved."""
    now = [1000.0]
    monkeypatch.setattr(kept_files, "monotonic", lambda: now[0])
    for name in ("mark_for_delete", "is_marked_for_delete"):  # and put back afterwards
        monkeypatch.setattr(MediaFileMetadata, name, getattr(MediaFileMetadata, name))
    keep_files()
    return now


def test_a_file_made_on_demand_is_kept_for_a_while(passing):
    storage = MemoryMediaFileStorage("/media")
    manager = MediaFileManager(storage)
    asked = manager.add_deferred(lambda: b"1,2\n", "text/csv", "0.1", file_name="a.csv")
    name = manager.execute_deferred(asked).rpartition("/")[2]
    for _ in range(5):
        manager.remove_orphaned_files()
        passing[0] += 0.9 * SECONDS / 5
    assert storage.get_file(name).content == b"1,2\n"
    passing[0] += SECONDS
    manager.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        storage.get_file(name)
