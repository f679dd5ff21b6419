"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.reporting.effects import tables as effects
from services.reporting.facts import tables as facts
from services.reporting.metadata import ReportingTable
from services.reporting.timeline import tables as timeline

# Naming the modules keeps their import: declaring a table is what fills the metadata.
DECLARED = (effects, facts, timeline)

run_environment(ReportingTable.metadata)
