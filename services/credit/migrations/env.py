"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.credit.metadata import CreditTable
from services.credit.referrals import tables  # noqa: F401  (fills the metadata)

run_environment(CreditTable.metadata)
