"""Transactions of other systems (DCI): kept with the acknowledgement, worked later, answered."""
