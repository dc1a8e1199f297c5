"""What a message asks for."""

import json
import re
from dataclasses import dataclass
from typing import List, Optional
from urllib.parse import unquote_plus


class BadMessage(ValueError):
    """The message is no job; it will not become one by being received again."""


@dataclass(frozen=True)
class Job:
    id: str
    """The document's id in the index: the same job twice is the same document."""
    name: str
    """File name; its ending helps where libmagic is not there."""
    content: Optional[str] = None
    """The text itself, for small ones."""
    bucket: Optional[str] = None
    key: Optional[str] = None


def parse(body: str) -> List[Job]:
    """The jobs of a message: `{"job", "name", "content"}`, `{"job", "bucket", "key"}`, or an event notification of S3."""
    try:
        message = json.loads(body)
    except ValueError as error:
        raise BadMessage(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise BadMessage("not an object")
    if isinstance(message.get("Records"), list):
        return [_from_event(record) for record in message["Records"]]
    if message.get("Event") == "s3:TestEvent":
        return []
    identifier = message.get("job")
    if not isinstance(identifier, str) or not identifier:
        raise BadMessage('"job" is missing')
    if isinstance(message.get("content"), str):
        return [Job(identifier, str(message.get("name") or f"{identifier}.txt"), content=message["content"])]
    if isinstance(message.get("bucket"), str) and isinstance(message.get("key"), str):
        return [Job(identifier, _name(message["key"]), bucket=message["bucket"], key=message["key"])]
    raise BadMessage('neither "content" nor "bucket" and "key" is there')


def _from_event(record: dict) -> Job:
    try:
        bucket = record["s3"]["bucket"]["name"]
        # S3 encodes keys in events as forms do.
        key = unquote_plus(record["s3"]["object"]["key"])
    except (KeyError, TypeError) as error:
        raise BadMessage("a record that is no S3 event") from error
    return Job(re.sub(r"[^A-Za-z0-9._-]+", "-", f"{bucket}-{key}"), _name(key), bucket=bucket, key=key)


def _name(key: str) -> str:
    return key.rsplit("/", 1)[-1]
