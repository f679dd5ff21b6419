"""Who is entitled to what, by period, as known on any day; says `entitlement.changed.v1`."""
