"""The HTTP side."""

import asyncio
import json
import logging

import tornado.web

from .store import Store

# The load balancer asks every few seconds and must not wait for a database that does not answer.
PATIENCE = 2
LONGEST = 10_000


class Handler(tornado.web.RequestHandler):
    def initialize(self, store: Store, release: str) -> None:
        self.store = store
        self.release = release


class Health(Handler):
    async def get(self) -> None:
        """Well when the database answers; says which release it is."""
        try:
            await asyncio.wait_for(self.store.check(), PATIENCE)
        except Exception as error:
            logging.exception("the database does not answer")
            self.set_status(503)
            self.finish({"status": "unwell", "release": self.release, "why": str(error) or type(error).__name__})
        else:
            self.finish({"status": "well", "release": self.release})


class Notes(Handler):
    async def get(self) -> None:
        self.finish({"notes": await self.store.last(10)})

    async def post(self) -> None:
        try:
            text = json.loads(self.request.body)["text"]
        except (ValueError, KeyError, TypeError):
            raise tornado.web.HTTPError(400, reason="expected text") from None
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
            raise tornado.web.HTTPError(400, reason=f"expected 1 to {LONGEST} characters")
        await self.store.add(text)
        self.set_status(201)
        self.finish({})


def make_app(store: Store, release: str) -> tornado.web.Application:
    settings = {"store": store, "release": release}
    return tornado.web.Application([("/health", Health, settings), ("/notes", Notes, settings)])
