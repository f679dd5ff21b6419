"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.reporting.metadata import ReportingTable

run_environment("reporting", ReportingTable.metadata)
