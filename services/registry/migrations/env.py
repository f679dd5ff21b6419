"""Alembic's way in; see `libs.common.database.migrate`."""

from libs.common.database.migrate import run_environment
from services.registry.metadata import RegistryTable

run_environment("registry", RegistryTable.metadata)
