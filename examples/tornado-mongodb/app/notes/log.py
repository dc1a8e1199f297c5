"""Lines of JSON in a file that logrotate may move away at any time."""

import json
import logging
import time
from logging.handlers import WatchedFileHandler


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        said = {"at": at, "level": record.levelname.lower(), "message": record.getMessage()}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said)


def open_log(path: str) -> logging.Handler:
    """Looks before each line whether the file is still the same one: no signal is needed after a rotation."""
    handler = WatchedFileHandler(path) if path else logging.StreamHandler()
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler
