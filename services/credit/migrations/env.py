"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.credit.metadata import CreditTable

run_environment("credit", CreditTable.metadata)
