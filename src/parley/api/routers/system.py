"""Is it alive, is it ready, what does it count, what does it offer."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from parley.api.deps import ContainerDep
from parley.api.webapp import FOLDER

router = APIRouter(include_in_schema=False)
DOCS_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Parley API</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="stylesheet" href="/api/docs/swagger-ui.css"></head><body><div id="swagger-ui"></div>
<noscript><a href="/api/openapi.json">openapi.json</a></noscript>
<script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body></html>"""
START_SCRIPT = 'SwaggerUIBundle({url:"/api/openapi.json",dom_id:"#swagger-ui",deepLinking:true})'


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Answer while the process lives."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(container: ContainerDep) -> dict[str, str]:
    """Answer when the database does."""
    await container.store.ping()
    return {"status": "ready"}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return metrics in Prometheus' text format."""
    return Response(request.app.state.metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/api/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """Return the API's description."""
    return JSONResponse(request.app.openapi())


@router.get("/api/docs")
async def docs() -> HTMLResponse:
    """Show the API's description; everything it loads is served from here."""
    return HTMLResponse(DOCS_PAGE)


@router.get("/api/docs/start.js")
async def docs_start() -> Response:
    """Start the viewer; a file of its own because inline scripts are refused."""
    return Response(START_SCRIPT, media_type="text/javascript")


@router.get("/api/docs/swagger-ui.css")
async def docs_style() -> FileResponse:
    """Return the viewer's style."""
    return FileResponse(FOLDER / "api-docs" / "swagger-ui.css")


@router.get("/api/docs/swagger-ui-bundle.js")
async def docs_script() -> FileResponse:
    """Return the viewer."""
    return FileResponse(FOLDER / "api-docs" / "swagger-ui-bundle.js")
