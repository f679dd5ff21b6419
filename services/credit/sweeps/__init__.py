"""What time alone changes: the day of the law, and the sweep that moves it forward."""
