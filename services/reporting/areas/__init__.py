"""Which records belong to an area, and how many households and persons it has in all."""
