"""The official files: increases and decreases of the health-insurance roll, as on form D03-TS."""
