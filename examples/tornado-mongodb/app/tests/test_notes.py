import json
import logging
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from tornado.testing import AsyncHTTPTestCase

from notes.log import open_log
from notes.store import FileStore, MongoStore, open_store
from notes.web import make_app


class Temporary(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        super().setUp()


class WebTest(Temporary, AsyncHTTPTestCase):
    def get_app(self):
        self.store = FileStore(self.directory / "notes")
        return make_app(self.store, "7")

    def post(self, body):
        return self.fetch("/notes", method="POST", body=body).code

    def test_health_names_the_release(self):
        answer = self.fetch("/health")
        self.assertEqual((answer.code, json.loads(answer.body)), (200, {"status": "well", "release": "7"}))

    def test_health_is_503_when_the_database_does_not_answer(self):
        with mock.patch.object(self.store, "check", side_effect=TimeoutError("no answer")):
            answer = self.fetch("/health")
        self.assertEqual((answer.code, json.loads(answer.body)["why"]), (503, "no answer"))

    def test_what_is_written_can_be_read_the_last_first(self):
        self.assertEqual([self.post('{"text":"one"}'), self.post('{"text":"two"}')], [201, 201])
        self.assertEqual(json.loads(self.fetch("/notes").body), {"notes": ["two", "one"]})

    def test_what_is_no_note_is_refused(self):
        for body in ["", "[]", "{}", '{"text":1}', '{"text":""}', json.dumps({"text": "x" * 10_001})]:
            self.assertEqual(self.post(body), 400, body)


class MongoTest(unittest.IsolatedAsyncioTestCase):
    async def test_it_asks_the_collection_for_the_last_notes(self):
        collection = mock.MagicMock()
        found = collection.find.return_value.sort.return_value.limit.return_value
        found.to_list = mock.AsyncMock(return_value=[{"_id": 2, "text": "two"}, {"_id": 1, "text": "one"}])
        collection.insert_one = mock.AsyncMock()
        store = MongoStore(collection)
        await store.add("two")
        collection.insert_one.assert_awaited_once_with({"text": "two"})
        self.assertEqual(await store.last(10), ["two", "one"])
        collection.find.return_value.sort.assert_called_once_with("_id", -1)


class StoreTest(Temporary):
    def test_the_address_tells_which_store(self):
        self.assertIsInstance(open_store(f"file://{self.directory}/notes"), FileStore)


class LogTest(Temporary):
    def test_after_a_rotation_lines_go_to_the_new_file(self):
        file = self.directory / "notes.log"
        handler = open_log(str(file))
        self.addCleanup(handler.close)
        self.addCleanup(logging.getLogger().removeHandler, handler)
        logging.info("before")
        file.rename(self.directory / "notes.log.1")
        logging.info("after")
        self.assertEqual(json.loads(file.read_text())["message"], "after")


if __name__ == "__main__":
    unittest.main()
