"""The HTTP API does what its OpenAPI description says, for requests made from that description."""

from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from parley.api.app import create_app
from parley.settings import Settings
from tests.support.server import ParleyServer

CHECKS = (not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance)
ENDLESS = r"/events$|/sign-out$|/stop$"
"""Streams that only end with the client, and what would end the test's own session."""


description = schemathesis.openapi.from_dict(create_app(Settings(data=Path("unused"))).openapi())
api = description.exclude(path_regex=ENDLESS)


class TestEveryOperation:
    @api.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator]
    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    def test_answers_as_described(self, case: Any, parley_server: ParleyServer) -> None:
        headers = {"Authorization": f"Bearer {parley_server.key}"}
        case.call_and_validate(base_url=parley_server.url, headers=headers, checks=CHECKS, timeout=30)
