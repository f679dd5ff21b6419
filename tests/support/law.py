"""Small law directories for tests: written as files, since loading is part of what is tried."""

from pathlib import Path

from tests.support.servers import repository

TABLE = """
id: {id}
title: {{vi: Bảng thử, en: Test table}}
{extra}source: {{document: {document}, confirmed: {confirmed}}}
effective: {effective}
known_from: {known_from}
scope: {scope}
subject: {subject}
rows:
  - id: {row}
    title: {{vi: Dòng thử, en: Test row}}
    when: [{when}]
    benefit: {{{benefit}}}
cases:
  - name: the row
    facts: {{{facts}}}
    row: {row}
"""


def a_table(
    *,
    table_id: str = "test.allowance",
    extra: str = "",
    document: str = "QĐ 1/2026",
    confirmed: str = "true",
    effective: str = "2020-01-01",
    known_from: str = "2019-01-01",
    scope: str = "national",
    subject: str = "household",
    row: str = "first",
    when: str = "{fact: national_class, is: poor}",
    benefit: str = "support_percent: 50",
    facts: str = "national_class: poor",
) -> str:
    """One table as YAML; every part can be spoilt."""
    return TABLE.format(
        id=table_id,
        extra=extra,
        document=document,
        confirmed=confirmed,
        effective=effective,
        known_from=known_from,
        scope=scope,
        subject=subject,
        row=row,
        when=when,
        benefit=benefit,
        facts=facts,
    )


def write_law(directory: Path, *tables: str) -> Path:
    """A law directory with the real vocabulary of eligibility and these tables."""
    real = repository() / "services/eligibility/catalogue/law"
    (directory / "facts.yaml").write_text((real / "facts.yaml").read_text("utf-8"), "utf-8")
    (directory / "tables.yaml").write_text("---".join(tables), "utf-8")
    return directory


def write_late_law(directory: Path) -> Path:
    """A law in which an allowance is raised on 21/8/2026 as from 1/7/2026, and an old-age rule of
    2024 becomes known in 2025.
    """
    programme = "programme: support.allowance\n"
    anyone = {"when": "", "facts": ""}
    for name in ("standard_national", "person_birthday"):
        real = repository() / "services/eligibility/catalogue/law" / f"{name}.yaml"
        (directory / real.name).write_text(real.read_text("utf-8"), "utf-8")
    return write_law(
        directory,
        a_table(extra=programme),
        a_table(
            extra=f"{programme}supersedes: true\n",
            document="QĐ 2/2026",
            effective="2026-07-01",
            known_from="2026-08-21",
            benefit="support_percent: 60",
        ),
        a_table(
            table_id="test.old",
            extra="programme: support.old\n",
            subject="person",
            effective="2024-01-01",
            known_from="2025-03-01",
            when="{fact: age, at_least: 70}",
            facts="age: 70",
        ),
        a_table(
            table_id="test.local",
            extra="programme: support.local\n",
            scope='["46"]',
            effective="2023-01-01",
            known_from="2023-06-01",
            **anyone,
        ),
    )
