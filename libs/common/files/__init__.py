"""Files: our own small ones, and the tables that offices without a system send and take."""

from libs.common.files.whole import write_whole

__all__ = ["write_whole"]
