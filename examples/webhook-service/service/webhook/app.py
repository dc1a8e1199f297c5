"""The service's HTTP side."""

import sqlite3

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from .deliveries import Deliveries
from .settings import Settings
from .signature import is_signed


def create(settings: Settings) -> FastAPI:
    app = FastAPI(title="Webhooks", docs_url=None, redoc_url=None, openapi_url=None)
    deliveries = Deliveries(settings.database)

    @app.get("/health")
    def health() -> JSONResponse:
        """Well when a delivery could be kept; says which release answers."""
        try:
            deliveries.check()
        except sqlite3.Error as error:
            return JSONResponse({"status": "unwell", "release": settings.release, "why": str(error)}, 503)
        return JSONResponse({"status": "well", "release": settings.release, "deliveries": deliveries.count()})

    @app.post("/hooks/{source}")
    async def receive(
        source: str,
        request: Request,
        x_hub_signature_256: str = Header(""),
        x_github_delivery: str = Header(""),
        x_github_event: str = Header(""),
    ) -> JSONResponse:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > settings.largest:
                raise HTTPException(413, f"more than {settings.largest} bytes")
        if not is_signed(settings.secret, body, x_hub_signature_256):
            raise HTTPException(401, "the signature is wrong")
        if not x_github_delivery:
            raise HTTPException(400, "X-GitHub-Delivery is missing")
        new = await run_in_threadpool(deliveries.keep, source, x_github_delivery, x_github_event, body)
        return JSONResponse({"delivery": x_github_delivery, "new": new}, 202 if new else 200)

    return app
