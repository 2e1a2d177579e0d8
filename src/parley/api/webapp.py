"""Serve the built web app: hashed assets for ever, the page itself always fresh, unknown paths to the page."""

from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

FOLDER = Path(__file__).parent.parent / "webapp"
NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Parley</title>
<p>The web app is not built. Run <code>uv sync --reinstall-package parley</code> in the clone, then start again.</p>"""
NO_CACHE = {"Cache-Control": "no-cache"}


class ImmutableFiles(StaticFiles):
    """Files whose names change with their content."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # pyright: ignore[reportArgumentType]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install_webapp(app: FastAPI, folder: Path = FOLDER) -> None:
    """Mount the web app last: whatever no router knew. Anything under `/api` that is unknown stays a 404."""
    if (folder / "assets").is_dir():
        app.mount("/assets", ImmutableFiles(directory=folder / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        if path == "api" or path.startswith(("api/", "assets/")):
            raise HTTPException(404, "There is nothing at this address. The API is described at /api/docs.")
        index = folder / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, 503)
        file = (folder / path).resolve()
        if path and file.is_file() and file.is_relative_to(folder.resolve()):
            return FileResponse(file, headers=NO_CACHE)
        return FileResponse(index, headers=NO_CACHE)
