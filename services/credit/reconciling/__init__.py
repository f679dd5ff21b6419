"""Which lists the bank lays beside ours (đối chiếu); the rest is `libs.common.partners`."""
