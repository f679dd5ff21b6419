"""A client library for accessing An Sinh · Tín dụng chính sách / Credit"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
