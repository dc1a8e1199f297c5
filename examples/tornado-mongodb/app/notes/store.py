"""Where notes are kept: MongoDB; or a file, for tests and where there is no MongoDB (the rehearsal on the local cloud)."""

import json
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit


class Store(Protocol):
    async def add(self, text: str) -> None: ...

    async def last(self, count: int) -> list[str]: ...

    async def check(self) -> None:
        """Raises an exception when notes cannot be read."""


class MongoStore:
    def __init__(self, collection):
        self._collection = collection

    @classmethod
    def connect(cls, url: str) -> "MongoStore":
        from pymongo import AsyncMongoClient

        client = AsyncMongoClient(url, serverSelectionTimeoutMS=2000, appname="notes")
        return cls(client.get_default_database("notes").notes)

    async def add(self, text: str) -> None:
        await self._collection.insert_one({"text": text})

    async def last(self, count: int) -> list[str]:
        found = self._collection.find({}, {"text": 1}).sort("_id", -1).limit(count)
        return [note["text"] for note in await found.to_list(count)]

    async def check(self) -> None:
        await self._collection.database.command("ping")


class FileStore:
    """One line of JSON a note."""

    def __init__(self, path: Path):
        self._path = path
        path.touch()

    async def add(self, text: str) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(text) + "\n")

    async def last(self, count: int) -> list[str]:
        lines = self._path.read_text().splitlines()
        return [json.loads(line) for line in reversed(lines[-count:])] if count else []

    async def check(self) -> None:
        self._path.read_text()


def open_store(url: str) -> Store:
    if url.startswith("file://"):
        return FileStore(Path(urlsplit(url).path))
    return MongoStore.connect(url)
