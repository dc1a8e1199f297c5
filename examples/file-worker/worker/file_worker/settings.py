"""What the worker is told by its environment file, which user data writes at first boot."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Optional, Tuple


@dataclass(frozen=True)
class Settings:
    queue: str
    """Name of the queue."""
    index_url: str
    """Where documents go: https://… (OpenSearch), or file:///… (a directory)."""
    index: str = "documents"
    languages: Tuple[str, ...] = ("eng",)
    """Languages that Tesseract reads."""
    region: str = "eu-central-1"
    log_file: Optional[Path] = None
    """JSON lines, which the CloudWatch agent ships."""
    log_group: Optional[str] = None
    """Where there is no agent: the worker writes to this log group itself."""
    lifecycle_hook: Optional[str] = None
    """The hook that holds an instance of the group while its worker finishes."""
    release: str = "unknown"


def from_environment(environment: Mapping[str, str] = os.environ, release_file: str = "/etc/bake-release") -> Settings:
    """Raises KeyError naming the variable that is missing."""
    return Settings(
        queue=environment["QUEUE_NAME"],
        index_url=environment["INDEX_URL"],
        index=environment.get("INDEX_NAME") or "documents",
        languages=tuple((environment.get("LANGUAGES") or "eng").split()),
        region=environment.get("AWS_REGION") or "eu-central-1",
        log_file=Path(environment["LOG_FILE"]) if environment.get("LOG_FILE") else None,
        log_group=environment.get("LOG_GROUP") or None,
        lifecycle_hook=environment.get("LIFECYCLE_HOOK") or None,
        release=_release(release_file),
    )


def _release(file: str) -> str:
    try:
        found = re.search(r"^BAKE_RELEASE=(.*)$", Path(file).read_text(), re.MULTILINE)
    except OSError:
        return "unknown"
    return found.group(1) if found else "unknown"
