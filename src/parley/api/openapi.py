"""The API's description: what FastAPI derives, with our errors as they really are and the ways to sign in."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from parley.api.schemas import Problem

PROBLEM = {
    "description": "What went wrong, and what to do next.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/sign-in", "/api/v1/hooks/git/{source_id}"})
FRAMEWORK_ERRORS = ("HTTPValidationError", "ValidationError")


def _describe(app: FastAPI) -> dict[str, Any]:
    """Return FastAPI's description with every error as problem details: its own shape of a 422 is never sent."""
    description = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components: dict[str, Any] = description.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for name in FRAMEWORK_ERRORS:
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key: parley keys create NAME"}
    }
    for path, operations in description["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = PROBLEM
            if path not in OPEN_PATHS:
                operation["security"] = [{"key": []}]
    return description


def install_openapi(app: FastAPI) -> None:
    """Make `app.openapi()` return our description; it is made once, when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = openapi  # pyright: ignore[reportAttributeAccessIssue]
