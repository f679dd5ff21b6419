"""Which list the insurer lays beside ours (đối chiếu); the rest is `libs.common.partners`."""
