"""The events, one module per stream; schemas, AsyncAPI and samples are generated from these."""
