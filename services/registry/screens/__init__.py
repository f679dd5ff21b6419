"""The officers' screens: what surrounds the rooms' pages (`libs/common/web/screens`)."""
