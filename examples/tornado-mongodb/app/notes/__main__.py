"""python -m notes"""

import asyncio
import logging
import os
import signal

import tornado.httpserver

from .log import open_log
from .store import open_store
from .web import make_app


async def main() -> None:
    open_log(os.environ.get("LOG_FILE", ""))
    release = os.environ.get("BAKE_RELEASE", "unknown")
    app = make_app(open_store(os.environ["DATABASE_URL"]), release)
    server = tornado.httpserver.HTTPServer(app, max_body_size=1 << 20, xheaders=True)
    host, port = os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))
    server.listen(port, host)
    logging.info("release %s listens on %s:%d", release, host, port)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    # Nothing new is taken; what is being answered is answered.
    server.stop()
    await server.close_all_connections()
    logging.info("release %s has stopped", release)


asyncio.run(main())
