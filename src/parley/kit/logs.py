"""Logs: structured, on standard error, never secrets, document text or phone numbers."""

import logging
import sys


def configure_logging(level: str, format: str) -> None:
    """Set up logging for the process.

    Args:
        level: debug, info, warning or error; anything else counts as info.
        format: `json` for one JSON object a line, else text for people.
    """
    import structlog

    threshold = {"debug": 10, "info": 20, "warning": 30, "error": 40}.get(level.lower(), 20)
    render = (
        structlog.processors.JSONRenderer()
        if format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default prints local variables, which hold tokens and document text.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if format == "json":
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard library: their warnings matter, their chatter does not.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
