"""`ansinh up`: the platform until it is told to stop."""

import os
from pathlib import Path

from ansinh.embedded.platform import PlatformSettings, running
from ansinh.process import stop_on_signals
from libs.common.clock import SystemClock


async def run_platform(home: Path) -> None:
    """Run all four services in this process until SIGTERM or Ctrl+C."""
    stop = stop_on_signals()
    settings = PlatformSettings(
        home=home / "platform",
        port=int(os.environ.get("PORT") or 8000),
        postgres_url=os.environ.get("ANSINH_POSTGRES_URL") or None,
        amqp_url=os.environ.get("ANSINH_AMQP_URL") or None,
        otlp_endpoint=os.environ.get("ANSINH_OTLP_ENDPOINT") or None,
        sampling_share=float(os.environ.get("ANSINH_SAMPLING_SHARE") or 0.01),
    )
    async with running(settings, SystemClock(), print) as platform:
        print(f"Đang chạy tại / running at {platform.url}  (Ctrl+C: dừng / stop)", flush=True)
        await stop.wait()
