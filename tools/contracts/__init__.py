"""Generate what partners and other teams read: JSON Schemas, AsyncAPI, samples, OpenAPI.

The pydantic models in `libs.common.contracts` are the source. `python -m tools.contracts` writes
the documents beside them; tests fail when they differ or when a change breaks a reader.
"""
