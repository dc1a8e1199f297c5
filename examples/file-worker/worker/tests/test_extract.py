import os
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from file_worker.extract import Unreadable, extract


class Extract(unittest.TestCase):
    """The programs are stand-ins on the PATH, so that this runs where they are not installed."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.programs = self.directory / "bin"
        self.programs.mkdir()
        path = patch.dict(os.environ, {"PATH": str(self.programs)})
        path.start()
        self.addCleanup(path.stop)

    def program(self, name: str, script: str) -> None:
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def file(self, name: str, content: str = "") -> Path:
        file = self.directory / name
        file.write_text(content)
        return file

    def test_takes_text_as_it_is_even_without_libmagic(self) -> None:
        found = extract(self.file("note.txt", "the quick brown fox"), ["eng"])
        self.assertEqual((found.text, found.type, found.method), ("the quick brown fox", "text/plain", "text"))

    def test_reads_the_text_of_a_pdf_that_has_some(self) -> None:
        self.program("file", "echo application/pdf")
        self.program("pdftotext", 'echo "a page with more than a few characters"')
        found = extract(self.file("a.pdf"), ["eng"])
        self.assertEqual((found.text, found.method), ("a page with more than a few characters\n", "pdftotext"))

    def test_reads_a_scanned_pdf_page_by_page_in_all_languages(self) -> None:
        self.program("file", "echo application/pdf")
        self.program("pdftotext", "echo")
        self.program("pdftoppm", ': >"$5-1.png"; : >"$5-2.png"')
        self.program("tesseract", 'echo "${1##*/} $4"')
        found = extract(self.file("scan.pdf"), ["jpn", "eng"])
        self.assertEqual((found.text, found.method), ("page-1.png jpn+eng\n\npage-2.png jpn+eng\n", "ocr"))

    def test_converts_pictures_that_tesseract_does_not_read(self) -> None:
        self.program("file", "echo image/webp")
        self.program("convert", ': >"$2"')
        self.program("tesseract", 'echo "${1##*/}"')
        self.assertEqual(extract(self.file("photo.webp"), ["eng"]).text, "picture.png\n")

    def test_says_what_is_missing_and_what_failed(self) -> None:
        self.program("file", "echo image/png")
        with self.assertRaisesRegex(Unreadable, "tesseract is not installed"):
            extract(self.file("a.png"), ["eng"])
        self.program("tesseract", 'echo "image too small" >&2; exit 1')
        with self.assertRaisesRegex(Unreadable, "tesseract failed with exit code 1: image too small"):
            extract(self.file("a.png"), ["eng"])
        self.program("file", "echo application/zip")
        with self.assertRaisesRegex(Unreadable, "a.zip: no text in files of type application/zip"):
            extract(self.file("a.zip"), ["eng"])
