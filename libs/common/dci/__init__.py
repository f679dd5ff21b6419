"""DCI, the Digital Convergence Initiative's interface standard for social registries, 1.0.0.

The envelope, its signatures, the partners who sign, and the shapes of messages and records; what
the registry answers stands in `services.registry.dci`, `docs/dci.md` tells the whole.
"""
