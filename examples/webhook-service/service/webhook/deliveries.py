"""What was delivered. A sender repeats what was not answered in time: a delivery is kept once."""

import sqlite3
import threading
import time
from contextlib import closing


class Deliveries:
    """Outlives releases: the file lies outside of their directories. Its schema only ever gains columns that may be empty,
    so that the release before this one can work with it after a switch back."""

    def __init__(self, path: str):
        # FastAPI calls from several threads.
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, timeout=2, check_same_thread=False)
        with self._lock, self._database as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS deliveries"
                " (source TEXT, delivery TEXT, event TEXT, body BLOB, at REAL, PRIMARY KEY (source, delivery))"
            )

    def keep(self, source: str, delivery: str, event: str, body: bytes) -> bool:
        """False when it is kept already."""
        with self._lock, self._database as database:
            changed = database.execute(
                "INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, ?, ?)",
                (source, delivery, event, body, time.time()),
            )
            return changed.rowcount == 1

    def count(self) -> int:
        with self._lock, closing(self._database.execute("SELECT count(*) FROM deliveries")) as rows:
            return rows.fetchone()[0]

    def check(self) -> None:
        """Raises sqlite3.Error when nothing could be kept."""
        with self._lock, self._database as database:
            database.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        self._database.close()
