"""python -m webhook, started in the directory of a release."""

import uvicorn

from .app import create
from .settings import Settings

settings = Settings.read()
uvicorn.run(
    create(settings),
    host=settings.host,
    port=settings.port,
    # What is being answered when the service is told to stop is answered.
    timeout_keep_alive=5,
    log_level="info",
)
