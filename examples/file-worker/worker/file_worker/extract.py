"""Text out of files: what they are is asked of libmagic, PDFs are read by Poppler, pictures by Tesseract."""

import mimetypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

SECONDS = 300
"""How long one program may take."""
PAGES_PER_INCH = 200
ENOUGH_TEXT = 20
"""A PDF with fewer characters is taken for a scan."""
READ_BY_TESSERACT = {"image/png", "image/jpeg", "image/tiff"}


class Unreadable(Exception):
    """The file cannot be read, or not by what is installed; the text says why."""


@dataclass(frozen=True)
class Extracted:
    text: str
    type: str
    """Media type."""
    method: str
    """What read it: text, pdftotext or ocr."""


def extract(file: Path, languages: Sequence[str]) -> Extracted:
    kind = media_type(file)
    if kind.startswith("text/") or kind == "application/json":
        return Extracted(file.read_text(errors="replace"), kind, "text")
    if kind == "application/pdf":
        text = run("pdftotext", "-layout", str(file), "-")
        if len(text.strip()) >= ENOUGH_TEXT:
            return Extracted(text, kind, "pdftotext")
        return Extracted(_scanned_pdf(file, languages), kind, "ocr")
    if kind.startswith("image/"):
        return Extracted(_picture(file, kind, languages), kind, "ocr")
    raise Unreadable(f"{file.name}: no text in files of type {kind}")


def media_type(file: Path) -> str:
    """By content; where `file` is not installed, by name."""
    if shutil.which("file"):
        return run("file", "--brief", "--mime-type", str(file)).strip()
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def _scanned_pdf(file: Path, languages: Sequence[str]) -> str:
    with tempfile.TemporaryDirectory() as directory:
        run("pdftoppm", "-r", str(PAGES_PER_INCH), "-png", str(file), f"{directory}/page")
        pages = sorted(Path(directory).glob("page*.png"))
        return "\n".join(ocr(page, languages) for page in pages)


def _picture(file: Path, kind: str, languages: Sequence[str]) -> str:
    if kind in READ_BY_TESSERACT:
        return ocr(file, languages)
    with tempfile.TemporaryDirectory() as directory:
        converted = Path(directory) / "picture.png"
        run("convert", f"{file}[0]", str(converted))
        return ocr(converted, languages)


def ocr(picture: Path, languages: Sequence[str]) -> str:
    return run("tesseract", str(picture), "stdout", "-l", "+".join(languages))


def run(program: str, *arguments: str) -> str:
    """The program's output. Raises Unreadable when it is not there, fails, or takes too long."""
    try:
        ended = subprocess.run(
            [program, *arguments], capture_output=True, timeout=SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise Unreadable(f"{program} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"{program} took longer than {SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip().split("\n")[-1]
        raise Unreadable(f"{program} failed with exit code {error.returncode}: {reason}") from error
    return ended.stdout.decode(errors="replace")
