import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.error import HTTPError

from file_worker.aws import Message
from file_worker.aws.plain import AwsError, PlainAws
from file_worker.index import open_index
from file_worker.log import Log
from file_worker.worker import Worker

from .server import Server

WITHOUT_BOTO3 = """
import runpy, sys
sys.modules["boto3"] = None
runpy.run_module("file_worker", run_name="__main__")
"""


class WorkerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.addCleanup(self.server.close)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.lines: list = []
        self.aws = PlainAws("eu-central-1", self.server.environment())
        log = Log({"instance": "i-1"}, self.directory / "worker.log", lambda line: self.lines.append(json.loads(line)))
        index = open_index(self.server.url, "documents")
        self.worker = Worker(self.aws, f"{self.server.url}/jobs", index, log, ["eng"])

    def handle(self, body: str) -> dict:
        self.worker.handle(Message("m", body, "receipt"))
        return self.lines[-1]

    def test_puts_a_document_into_the_index_then_deletes_its_message(self) -> None:
        line = self.handle('{"job":"a/1","name":"a.txt","content":"the quick brown fox"}')
        self.assertEqual(self.server.documents["a%2F1"]["text"], "the quick brown fox")
        self.assertEqual(self.server.deleted, ["receipt"])
        self.assertEqual((line["message"], line["job"], line["instance"]), ("done", "a/1", "i-1"))

    def test_fetches_objects(self) -> None:
        self.server.objects["/files/in/a%20note.txt"] = b"from the store"
        self.handle('{"job":"b","bucket":"files","key":"in/a note.txt"}')
        self.assertEqual(self.server.documents["b"]["text"], "from the store")
        self.assertEqual(self.server.documents["b"]["key"], "in/a note.txt")

    def test_leaves_a_message_that_fails_in_the_queue_and_says_why(self) -> None:
        self.assertIn("not JSON", self.handle("nonsense")["error"])
        self.assertIn("404", self.handle('{"job":"c","bucket":"files","key":"none"}')["error"])
        self.assertIn("no text in files of type", self.handle('{"job":"d","name":"a.zip","content":""}')["error"])
        self.assertEqual(self.server.deleted, [])
        self.assertEqual(self.server.documents, {})

    def test_writes_no_file_outside_its_directory_whatever_a_document_is_called(self) -> None:
        self.handle(json.dumps({"job": "e", "name": f"../../{self.directory.name}/worker.txt", "content": "text"}))
        self.assertEqual([file.name for file in self.directory.iterdir()], ["worker.log"])
        self.assertEqual(self.lines[-1]["message"], "done")

    def test_an_index_that_refuses_a_document_keeps_the_message(self) -> None:
        with self.assertRaises(HTTPError):
            open_index(self.server.url, "other").put("a", {})
        with self.assertRaises(AwsError):
            self.aws.download("files", "none", self.directory / "none")

    def start(self, **environment: str) -> subprocess.Popen:
        self.server.messages.append('{"job":"f","content":"by a process"}')
        index = self.directory / "index"
        return subprocess.Popen(
            [sys.executable, "-c", WITHOUT_BOTO3],
            cwd=Path(__file__).parent.parent,
            env={
                **os.environ,
                **self.server.environment(),
                "QUEUE_NAME": "jobs",
                "INDEX_URL": f"file://{index}",
                **environment,
            },
            stdout=subprocess.PIPE,
            text=True,
        )

    def test_works_as_a_process_and_ends_at_once_when_it_is_told_to_while_it_waits(self) -> None:
        process = self.start()
        index = self.directory / "index"
        lines = [json.loads(process.stdout.readline()) for _ in range(2)]
        self.assertEqual([line["message"] for line in lines], ["started", "done"])
        self.assertEqual(lines[1]["instance"], "i-0123456789")
        self.assertEqual(json.loads((index / "documents" / "f.json").read_text())["text"], "by a process")
        self.server.wait_for_receives(2)
        process.terminate()
        rest, _ = process.communicate(timeout=10)
        self.assertEqual(json.loads(rest)["message"], "stopped")
        self.assertEqual(process.returncode, 0)

    def test_receives_nothing_more_when_its_instance_is_to_end_and_then_lets_it_go(self) -> None:
        process = self.start(LIFECYCLE_HOOK="drain")
        self.server.wait_for_receives(2)
        self.server.target_state = "Terminated"
        lines = [json.loads(process.stdout.readline())["message"] for _ in range(6)]
        self.assertEqual(lines, ["started", "done", "stopped", "drained", "not released yet", "released"])
        self.server.messages.append('{"job":"g","content":"too late"}')
        group, hook, instance = (
            self.server.completed[-1][name] for name in ("AutoScalingGroupName", "LifecycleHookName", "InstanceId")
        )
        self.assertEqual((group, hook, instance), ("workers", "drain", "i-0123456789"))
        self.assertEqual(self.server.receives, 2)
        process.terminate()
        self.assertEqual(process.communicate(timeout=10)[0], "")


if __name__ == "__main__":
    unittest.main()
