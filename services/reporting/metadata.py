"""The base of this service's tables: a metadata of its own, so that services share no names."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class ReportingTable(SQLModel, registry=registry()):
    """Every table of the reporting service derives from this."""
