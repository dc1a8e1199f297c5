"""What the service is told by its environment, which is written on the server and never shipped with a release."""

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    secret: bytes
    database: str
    host: str = "127.0.0.1"
    port: int = 8000
    release: str = "unknown"
    # GitHub sends at most 25 MB; what this service is for is far smaller.
    largest: int = 1 << 20

    @classmethod
    def read(cls, environment=os.environ, directory=Path()) -> "Settings":
        secret = environment.get("WEBHOOK_SECRET", "")
        if not secret:
            raise SystemExit("WEBHOOK_SECRET is not set: without it anybody could send")
        return cls(
            secret=secret.encode(),
            database=environment.get("DATABASE", "/var/lib/webhook/deliveries.db"),
            host=environment.get("HOST", cls.host),
            port=int(environment.get("PORT", cls.port)),
            release=release_of(directory),
        )


def release_of(directory: Path) -> str:
    """The name of the release in whose directory the service was started; bake leaves it there."""
    try:
        return json.loads((directory / ".bake-release").read_text())["release"]
    except FileNotFoundError:
        return "unknown"
