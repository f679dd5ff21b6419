"""The health-insurance roll (danh sách tham gia BHYT): one group per person and day."""
