"""All that the worker asks of AWS, with boto3 where it is installed, else with the standard library (tests, rehearsals)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Protocol


@dataclass(frozen=True)
class Message:
    id: str
    body: str
    receipt: str


class Aws(Protocol):
    def queue_url(self, name: str) -> str: ...

    def receive(self, queue_url: str, wait: int, visibility: int) -> Optional[Message]:
        """Waits for a message, `wait` seconds at most."""

    def prolong(self, queue_url: str, message: Message, seconds: int) -> None: ...

    def delete(self, queue_url: str, message: Message) -> None: ...

    def download(self, bucket: str, key: str, file: Path) -> None: ...

    def open_log(self, group: str, stream: str) -> None:
        """Makes the log group and the stream unless they are there."""

    def put_log_line(self, group: str, stream: str, line: str) -> None: ...

    def complete_lifecycle_action(self, group: str, hook: str, instance: str) -> None:
        """Lets an instance that is held up by a hook go on. Fails while it is not (yet) held up."""


def connect(region: str) -> Aws:
    try:
        from .with_boto3 import Boto3Aws
    except ModuleNotFoundError as error:
        if error.name != "boto3":
            raise
        from .plain import PlainAws

        return PlainAws(region)
    return Boto3Aws(region)
