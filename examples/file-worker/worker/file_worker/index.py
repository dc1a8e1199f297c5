"""Where text becomes searchable: `put` stores a document under an id; the same id again replaces it."""

import json
import os
import tempfile
import urllib.request
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit


class Index(Protocol):
    def put(self, identifier: str, document: dict) -> None: ...


def open_index(url: str, name: str) -> Index:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return DirectoryIndex(Path(parts.path) / name)
    if parts.scheme in ("http", "https"):
        return HttpIndex(url, name)
    raise ValueError(f"INDEX_URL is {url}: expected https://, http:// or file://")


class HttpIndex:
    """OpenSearch and what is compatible with it (Elasticsearch): PUT /INDEX/_doc/ID."""

    def __init__(self, url: str, name: str) -> None:
        self._base = f"{url.rstrip('/')}/{quote(name, safe='')}/_doc/"

    def put(self, identifier: str, document: dict) -> None:
        """Raises OSError (urllib's errors are some) when the index does not take it."""
        request = urllib.request.Request(
            self._base + quote(identifier, safe=""),
            data=json.dumps(document).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()


class DirectoryIndex:
    """A file for each document, for rehearsals without a search service."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, identifier: str, document: dict) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._directory)
        with os.fdopen(handle, "w") as file:
            json.dump(document, file)
        # In one step: nobody reads half a document.
        os.replace(name, self._directory / f"{quote(identifier, safe='')}.json")
