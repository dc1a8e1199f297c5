"""JSON lines, a line each event, to standard output (the journal), to a file, and where there is no agent to CloudWatch Logs."""

import json
import sys
import time
from pathlib import Path
from typing import Callable, Optional

Ship = Callable[[str], None]


class Log:
    def __init__(self, common: dict, file: Optional[Path] = None, ship: Optional[Ship] = None) -> None:
        self._common = common
        self._file = file
        self._ship = ship

    def info(self, message: str, **more: object) -> None:
        self._write("info", message, more)

    def error(self, message: str, **more: object) -> None:
        self._write("error", message, more)

    def _write(self, level: str, message: str, more: dict) -> None:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = json.dumps({"level": level, "message": message, "time": at, **self._common, **more}, ensure_ascii=False)
        print(line, flush=True)
        if self._file:
            # Opened for each line: logrotate may take the file away at any time.
            with self._file.open("a") as file:
                file.write(f"{line}\n")
        if self._ship:
            try:
                self._ship(line)
            except Exception as error:  # A log that cannot be shipped stops no work.
                print(f"could not ship a log line: {error}", file=sys.stderr, flush=True)
