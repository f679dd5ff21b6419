"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.eligibility.metadata import EligibilityTable

run_environment("eligibility", EligibilityTable.metadata)
