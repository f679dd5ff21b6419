"""Credit's part of a citizen's file: groups, referrals, needs and loans of its households."""
