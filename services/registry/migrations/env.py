"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.registry.changes import tables as changes
from services.registry.households import tables as households
from services.registry.imports import tables as imports
from services.registry.intake import tables as intake
from services.registry.lineage import tables as lineage
from services.registry.metadata import RegistryTable
from services.registry.reviews import tables as reviews
from services.registry.subscriptions import tables as subscriptions
from services.registry.transactions import tables as transactions
from services.registry.vault import tables as vault

__all__ = [
    "changes",
    "households",
    "imports",
    "intake",
    "lineage",
    "reviews",
    "subscriptions",
    "transactions",
    "vault",
]  # imported so that the metadata holds their tables

run_environment(RegistryTable.metadata)
