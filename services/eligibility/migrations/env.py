"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.eligibility.cards import tables as cards
from services.eligibility.entitlements import tables as entitlements
from services.eligibility.insurance import tables as insurance
from services.eligibility.metadata import EligibilityTable
from services.eligibility.sweeps import tables as sweeps
from services.eligibility.training import tables as training

__all__ = ["cards", "entitlements", "insurance", "sweeps", "training"]

run_environment(EligibilityTable.metadata)
