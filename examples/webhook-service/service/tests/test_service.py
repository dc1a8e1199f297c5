import http.client
import json
import socket
import sqlite3
import tempfile
import threading
import time
import unittest
from pathlib import Path

import uvicorn

from webhook.app import create
from webhook.settings import Settings, release_of
from webhook.signature import is_signed, sign

SECRET = b"a secret"


class SignatureTest(unittest.TestCase):
    def test_known_vector(self):
        # From GitHub's documentation, "Validating webhook deliveries".
        signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        self.assertTrue(is_signed(b"It's a Secret to Everybody", b"Hello, World!", signature))

    def test_another_body_secret_or_no_signature_is_refused(self):
        signature = sign(SECRET, b"body")
        self.assertFalse(is_signed(SECRET, b"bodY", signature))
        self.assertFalse(is_signed(b"another", b"body", signature))
        self.assertFalse(is_signed(SECRET, b"body", ""))
        self.assertFalse(is_signed(SECRET, b"body", "sha256=ü"))


class SettingsTest(unittest.TestCase):
    def test_no_secret_no_service(self):
        with self.assertRaisesRegex(SystemExit, "WEBHOOK_SECRET"):
            Settings.read({})

    def test_the_release_is_that_of_the_directory(self):
        with tempfile.TemporaryDirectory() as directory:
            self.assertEqual(release_of(Path(directory)), "unknown")
            (Path(directory) / ".bake-release").write_text('{"release": "42"}')
            settings = Settings.read({"WEBHOOK_SECRET": "x"}, Path(directory))
            self.assertEqual(settings.release, "42")


class ServiceTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.database = str(Path(directory.name) / "deliveries.db")
        self.start()

    def start(self):
        settings = Settings(secret=SECRET, database=self.database, release="7", largest=1000)
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(create(settings), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()

        def stop():
            server.should_exit = True
            thread.join()

        self.addCleanup(stop)
        self.stop = stop
        while not server.started and thread.is_alive():
            time.sleep(0.01)

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found

    def deliver(self, delivery="d-1", body=b'{"ref":"refs/heads/main"}', signature=None):
        return self.ask(
            "POST",
            "/hooks/github",
            body,
            X_GitHub_Delivery=delivery,
            X_GitHub_Event="push",
            X_Hub_Signature_256=sign(SECRET, body) if signature is None else signature,
        )

    def test_health_names_the_release(self):
        self.assertEqual(self.ask("GET", "/health"), (200, {"status": "well", "release": "7", "deliveries": 0}))

    def test_a_delivery_is_kept_once(self):
        self.assertEqual(self.deliver(), (202, {"delivery": "d-1", "new": True}))
        self.assertEqual(self.deliver(), (200, {"delivery": "d-1", "new": False}))
        self.assertEqual(self.deliver("d-2")[0], 202)
        self.assertEqual(self.ask("GET", "/health")[1]["deliveries"], 2)

    def test_what_is_not_signed_is_not_kept(self):
        self.assertEqual(self.deliver(signature="sha256=00")[0], 401)
        self.assertEqual(self.deliver(signature="")[0], 401)
        self.assertEqual(self.deliver(delivery="")[0], 400)
        self.assertEqual(self.ask("GET", "/health")[1]["deliveries"], 0)

    def test_what_is_too_large_is_refused(self):
        self.assertEqual(self.deliver(body=b"x" * 1001)[0], 413)

    def test_deliveries_outlive_a_restart(self):
        self.deliver()
        self.stop()
        self.start()
        self.assertEqual(self.deliver()[0], 200)

    def test_it_is_unwell_when_nothing_can_be_kept(self):
        other = sqlite3.connect(self.database)
        other.execute("BEGIN EXCLUSIVE")
        self.addCleanup(other.close)
        status, said = self.ask("GET", "/health")
        self.assertEqual((status, said["status"]), (503, "unwell"))


if __name__ == "__main__":
    unittest.main()
