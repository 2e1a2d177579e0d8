"""Build the web application from settings."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from parley import __version__
from parley.api import websocket
from parley.api.container import open_container
from parley.api.errors import install_error_handlers
from parley.api.idempotency import IdempotencyMiddleware
from parley.api.learn_only import guard_learn_only
from parley.api.metrics import Metrics, MetricsMiddleware
from parley.api.openapi import install_openapi
from parley.api.routers import (
    accounts,
    bots,
    conversations,
    documents,
    embedders,
    evaluation,
    events,
    faq,
    generations,
    hooks,
    jobs,
    memory,
    models,
    search,
    sources,
    status,
    system,
    trust,
    turns,
)
from parley.api.security import SecurityHeaders
from parley.api.webapp import install_webapp
from parley.settings import Settings

ROUTERS = (
    system.router,
    accounts.pages,
    accounts.router,
    bots.router,
    search.router,
    sources.router,
    hooks.router,
    faq.router,
    documents.router,
    jobs.router,
    events.router,
    status.router,
    conversations.router,
    turns.router,
    turns.shares,
    memory.router,
    trust.router,
    evaluation.bot_sets,
    evaluation.sets,
    evaluation.runs,
    models.router,
    embedders.router,
    generations.router,
    websocket.router,
)


def create_app(settings: Settings, local_token: str | None = None) -> FastAPI:
    """Return the application; nothing is opened before its lifespan starts.

    Args:
        settings: read once, here.
        local_token: bearer token that stands for the owner on this machine (the CLI reads it from the data folder).
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_container(settings) as container:
            app.state.container = container
            yield

    app = FastAPI(
        title="Parley",
        version=__version__,
        description="Documents behind a chat whose every sentence carries a citation that was checked.",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.local_token = local_token
    app.state.metrics = Metrics()
    install_error_handlers(app)
    for router in ROUTERS:
        guards = [] if router is websocket.router else [Depends(guard_learn_only)]
        app.include_router(router, dependencies=guards)
    install_openapi(app)
    install_webapp(app)
    app.add_middleware(IdempotencyMiddleware)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(MetricsMiddleware, metrics=app.state.metrics)
    return app
