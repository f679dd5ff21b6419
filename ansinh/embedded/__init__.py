"""The embedded default: PostgreSQL from a wheel and every service in one process."""
