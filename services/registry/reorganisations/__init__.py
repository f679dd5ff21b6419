"""Dated changes of the administrative map: entered from a file, previewed, approved, applied."""
