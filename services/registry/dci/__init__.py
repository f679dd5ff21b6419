"""The social registry by the DCI standard: what partners search for, and what they are answered."""
