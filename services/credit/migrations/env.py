"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.credit.files import tables as files  # noqa: F401  (fills the metadata)
from services.credit.groups import tables as groups  # noqa: F401
from services.credit.lists import tables as lists  # noqa: F401
from services.credit.loans import tables as loans  # noqa: F401
from services.credit.metadata import CreditTable
from services.credit.needs import tables as needs  # noqa: F401
from services.credit.plans import tables as plans  # noqa: F401
from services.credit.referrals import tables as referrals  # noqa: F401
from services.credit.sweeps import tables as sweeps  # noqa: F401

run_environment(CreditTable.metadata)
