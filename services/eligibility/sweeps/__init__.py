"""What time alone changes: the day of the law, and the daily sweep that moves it forward."""
