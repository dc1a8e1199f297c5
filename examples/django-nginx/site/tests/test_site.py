import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

os.environ.update(SECRET_KEY="of the tests", DB_FILE=":memory:", DJANGO_SETTINGS_MODULE="project.settings")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import OperationalError  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

from guestbook.models import Entry  # noqa: E402
from project.settings import database, release  # noqa: E402


class SiteTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        call_command("migrate", verbosity=0)

    def setUp(self):
        Entry.objects.all().delete()
        self.client = Client()

    def post(self, **said):
        return self.client.post("/", said, content_type="application/json")

    @override_settings(RELEASE="7")
    def test_health_names_the_release(self):
        answer = self.client.get("/health")
        self.assertEqual((answer.status_code, answer.json()), (200, {"status": "well", "release": "7", "entries": 0}))

    def test_health_is_503_when_the_database_does_not_answer(self):
        with mock.patch.object(Entry.objects, "count", side_effect=OperationalError("no answer")):
            answer = self.client.get("/health")
        self.assertEqual((answer.status_code, answer.json()["why"]), (503, "no answer"))

    def test_what_is_written_can_be_read(self):
        self.assertEqual(self.post(name="Ada", text="was here").status_code, 201)
        self.assertEqual(self.client.get("/").json(), {"entries": [{"name": "Ada", "text": "was here"}]})

    def test_what_is_no_entry_is_refused_with_the_reason(self):
        self.assertEqual(self.post(name="Ada").status_code, 400)
        self.assertIn("text", self.post(name="Ada", text="x" * 501).json()["error"])
        self.assertEqual(self.client.post("/", "[", content_type="application/json").status_code, 400)
        self.assertEqual(Entry.objects.count(), 0)

    def test_models_and_migrations_agree(self):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)


class SettingsTest(unittest.TestCase):
    def test_managed_postgresql_where_it_is_named_and_a_file_else(self):
        found = database({"DB_HOST": "pgm-1.pg.rds.aliyuncs.com", "DB_PASSWORD": "x"})
        self.assertEqual((found["ENGINE"], found["OPTIONS"]["sslmode"]), ("django.db.backends.postgresql", "require"))
        self.assertEqual(database({"DB_FILE": "/f"}), {"ENGINE": "django.db.backends.sqlite3", "NAME": "/f"})

    def test_the_release_is_what_the_image_says(self):
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory) / "bake-release"
            self.assertEqual(release(file), "unknown")
            file.write_text("BAKE_PROJECT=x\nBAKE_RELEASE=42\n")
            self.assertEqual(release(file), "42")


if __name__ == "__main__":
    unittest.main()
