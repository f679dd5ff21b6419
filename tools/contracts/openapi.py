"""One OpenAPI document per service, from the routes that the service declares."""

import importlib
from importlib.util import find_spec
from typing import Any

from libs.common.database.provision import SERVICES
from libs.common.service import Service
from libs.common.web.description import DescribedApi


def openapi_documents() -> dict[str, dict[str, Any]]:
    """Service name to its document."""
    return {
        service: openapi_document(importlib.import_module(f"services.{service}.app").build())
        for service in SERVICES
        if find_spec(f"services.{service}.app") is not None
    }


def openapi_document(service: Service) -> dict[str, Any]:
    """The document of one service: its public routes only; operators' routes are not promised."""
    app = DescribedApi(service)
    for router in service.routers:
        app.include_router(router, prefix="/v1")
    return app.openapi()
