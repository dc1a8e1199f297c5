"""The loop: one message at a time, deleted only when its documents are in the index."""

import signal
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional, Sequence

from .aws import Aws, Message
from .extract import extract
from .index import Index
from .jobs import Job, parse
from .log import Log

WAIT_SECONDS = 20
"""SQS: the longest that a receive may wait."""
VISIBILITY_SECONDS = 60
"""How long a message is ours; it is prolonged while the work lasts."""


class Stopped(Exception):
    """Told to stop while waiting for a message."""


class Worker:
    def __init__(self, aws: Aws, queue_url: str, index: Index, log: Log, languages: Sequence[str]) -> None:
        self._aws = aws
        self._queue_url = queue_url
        self._index = index
        self._log = log
        self._languages = languages
        self._stopping = False
        self._waiting = False

    def stop_when_told(self) -> None:
        """By SIGTERM. The message in hand is finished; one that just arrives comes back after its visibility timeout."""
        signal.signal(signal.SIGTERM, self._stop)

    def run(self) -> None:
        """Until it is told to stop."""
        self._log.info("started")
        while not self._stopping:
            message = self._receive()
            if message:
                self.handle(message)
        self._log.info("stopped")

    def handle(self, message: Message) -> None:
        """A message that fails is not deleted: it comes back, and in the end goes to the dead-letter queue."""
        try:
            with self._ours(message):
                for job in parse(message.body):
                    self._work(job)
            self._aws.delete(self._queue_url, message)
        except Exception as error:
            self._log.error("failed", messageId=message.id, error=f"{type(error).__name__}: {error}")

    def _work(self, job: Job) -> None:
        with tempfile.TemporaryDirectory() as directory:
            # The name is a stranger's: only its last part may choose a file.
            file = Path(directory) / (Path(job.name).name or "file")
            if job.content is not None:
                file.write_text(job.content)
            else:
                self._aws.download(job.bucket, job.key, file)
            found = extract(file, self._languages)
        document = {"name": job.name, "type": found.type, "method": found.method, "text": found.text}
        self._index.put(job.id, {**document, "bucket": job.bucket, "key": job.key})
        self._log.info("done", job=job.id, method=found.method, characters=len(found.text))

    def _receive(self) -> Optional[Message]:
        self._waiting = True
        try:
            # The signal may have come before the flag was up.
            return None if self._stopping else self._aws.receive(self._queue_url, WAIT_SECONDS, VISIBILITY_SECONDS)
        except Stopped:
            return None
        finally:
            self._waiting = False

    def _stop(self, *_: object) -> None:
        self._stopping = True
        if self._waiting:
            raise Stopped()

    @contextmanager
    def _ours(self, message: Message) -> Iterator[None]:
        """Keeps the message invisible to others while the work lasts."""
        done = threading.Event()

        def prolong() -> None:
            while not done.wait(VISIBILITY_SECONDS / 2):
                self._aws.prolong(self._queue_url, message, VISIBILITY_SECONDS)

        thread = threading.Thread(target=prolong, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
