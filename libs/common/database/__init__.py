"""PostgreSQL: pools, transactions, provisioning and migrations."""

from libs.common.database.pool import EVERY_AREA, NO_AREA, Database
from libs.common.database.transaction import Transaction

__all__ = ["EVERY_AREA", "NO_AREA", "Database", "Transaction"]
