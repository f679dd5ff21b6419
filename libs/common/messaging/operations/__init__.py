"""What operators see of the bus and do to it: progress, parked and held, traces, measures."""
