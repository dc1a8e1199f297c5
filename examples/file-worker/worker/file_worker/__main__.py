"""Starts the worker. `python -m file_worker --check` says what of the programs it needs is missing, and starts nothing."""

import shutil
import sys
from functools import partial

from . import aws, settings
from .aws.metadata import instance_id
from .index import open_index
from .leaving import Leaving, stop_this_process
from .log import Log
from .worker import Worker

PROGRAMS = ["file", "pdftotext", "pdftoppm", "convert", "tesseract"]


def main() -> None:
    if "--check" in sys.argv[1:]:
        sys.exit(check())
    told = settings.from_environment()
    instance = instance_id()
    cloud = aws.connect(told.region)
    ship = None
    if told.log_group:
        stream = f"worker/{instance}"
        cloud.open_log(told.log_group, stream)
        ship = partial(cloud.put_log_line, told.log_group, stream)
    log = Log({"instance": instance, "release": told.release}, told.log_file, ship)
    index = open_index(told.index_url, told.index)
    worker = Worker(cloud, cloud.queue_url(told.queue), index, log, told.languages)
    worker.stop_when_told()
    if not told.lifecycle_hook:
        return worker.run()
    leaving = Leaving(cloud, told.lifecycle_hook, instance, log)
    # Where the last one was drained and died, nothing is begun any more.
    if not leaving.look():
        leaving.watch(stop_this_process)
        worker.run()
    if leaving.begun:
        leaving.release()


def check() -> int:
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    try:
        import boto3  # noqa: F401
    except ModuleNotFoundError:
        missing.append("boto3")
    print(f"missing: {', '.join(missing)}" if missing else "all that the worker needs is there")
    return 1 if missing else 0


main()
