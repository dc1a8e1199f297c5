"""An instance that is to end finishes its work first: a lifecycle hook holds it until the worker says that it may go."""

import os
import signal
import threading
import time
from typing import Callable

from .aws import Aws
from .aws.metadata import group_name, target_state
from .log import Log

WATCH_SECONDS = 2


class Leaving:
    def __init__(self, aws: Aws, hook: str, instance: str, log: Log) -> None:
        self._aws = aws
        self._hook = hook
        self._instance = instance
        self._log = log
        self.begun = False
        """Whether the group wants the instance to end."""

    def look(self) -> bool:
        self.begun = self.begun or target_state() == "Terminated"
        return self.begun

    def watch(self, stop: Callable[[], None]) -> None:
        """Calls `stop` once, from a thread of its own, when the group wants the instance to end."""

        def wait() -> None:
            while not self.look():
                time.sleep(WATCH_SECONDS)
            stop()

        threading.Thread(target=wait, daemon=True).start()

    def release(self) -> None:
        """
        Lets the instance go, and stays until it ends: a worker that ended would be started again. The group may not have come to the hook
        yet, while it takes the instance out of its target groups; then it knows of nothing to complete.
        """
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._log.info("drained")
        while True:
            try:
                self._aws.complete_lifecycle_action(group_name(), self._hook, self._instance)
                break
            except Exception as error:
                self._log.info("not released yet", reason=str(error))
                time.sleep(WATCH_SECONDS)
        self._log.info("released")
        signal.pause()


def stop_this_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
