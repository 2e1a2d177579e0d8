"""The error tree as HTTP: one status for each family, RFC 9457 problem details with a stable code."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from parley import errors
from parley.api.schemas import Problem

log = structlog.get_logger()

STATUS: dict[type[errors.AppError], int] = {
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.NotSignedIn: 401,
    errors.NotPermitted: 403,
    errors.OversizedDocument: 413,
    errors.SignatureInvalid: 401,
    errors.ChannelError: 502,
    errors.InvalidInput: 422,
    errors.QuotaExceeded: 429,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
    errors.ProviderTimeout: 504,
    errors.ProviderError: 502,
    errors.IngestionError: 422,
    errors.IndexUnavailable: 503,
    errors.RetrievalError: 500,
}


def status_of(error: errors.AppError) -> int:
    """Return the HTTP status of an error: its own family's, or the nearest above it."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(status: int, code: str, detail: str, *, retryable: bool = False) -> JSONResponse:
    """Return a problem details response."""
    body = Problem(
        type=f"urn:parley:error:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        retryable=retryable,
    )
    return JSONResponse(body.model_dump(), status, media_type="application/problem+json")


async def _app_error(_request: Request, error: errors.AppError) -> JSONResponse:
    response = problem(status_of(error), error.stable_code, error.message, retryable=error.retryable)
    if isinstance(error, errors.RateLimited) and error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(round(error.retry_after_seconds))
    if isinstance(error, errors.NotSignedIn):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    return problem(422, "invalid_input", f"{where or 'The request'}: {first['msg']}.")


async def _http_error(_request: Request, error: HTTPException) -> JSONResponse:
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    response = problem(error.status_code, codes.get(error.status_code, "invalid_request"), str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request failed unexpectedly", path=request.scope.get("route_path"), exc_info=error)
    detail = "Parley could not do this because of a fault of its own. The log on the server says more."
    return problem(500, "internal", detail, retryable=True)


def install_error_handlers(app: FastAPI) -> None:
    """Map every error once, for all routers."""
    app.add_exception_handler(errors.AppError, _app_error)  # pyright: ignore[reportArgumentType]
    app.add_exception_handler(RequestValidationError, _invalid)  # pyright: ignore[reportArgumentType]
    app.add_exception_handler(HTTPException, _http_error)  # pyright: ignore[reportArgumentType]
    app.add_exception_handler(Exception, _unexpected)
