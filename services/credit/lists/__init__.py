"""Lists 03/TD: which needs a group voted for, and the commune's confirmation of each."""
