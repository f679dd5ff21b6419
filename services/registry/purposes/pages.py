"""For what data are processed, on which ground, by when requests are answered: for whoever asks."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import PublicPage
from services.registry.purposes.domain import in_force
from services.registry.rights.domain import rules_on


def _values(day: date) -> Mapping[str, Any]:
    return {
        "purposes": in_force(day),
        "times": rules_on("request_times", day),
        "retention": rules_on("retention", day),
        "role": Role,
        "today": day,
    }


PURPOSES = PublicPage(
    "/purposes",
    Text("Xử lý dữ liệu cá nhân: mục đích, căn cứ", "Personal data: purposes and grounds"),
    "purposes/purposes.html",
    _values,
)
