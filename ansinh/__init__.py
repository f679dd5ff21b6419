import gc

# What is imported stays: to look for cycles in it meanwhile takes a fifth of a process's start.
# What serves is set by `run_loop`.
gc.set_threshold(100_000)
