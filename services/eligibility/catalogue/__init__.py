"""The programme catalogue: who is entitled to what, since when and why. Pure law, no I/O."""
