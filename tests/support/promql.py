"""What PromQL expressions ask for: metrics by name, and the labels that they choose or group by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import promql_parser

_TEMPLATE = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}")


@dataclass
class Asked:
    """What one expression needs.

    Attributes:
        selectors: each metric's name with the labels that must equal a value.
        grouped: labels that results are grouped by.
    """

    selectors: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)


def asked(expression: str) -> Asked:
    """Parse an expression.

    Raises:
        ValueError: it is no PromQL.
    """
    found = Asked()

    def visit(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            equal = {
                one.name: one.value
                for one in node.matchers.matchers
                if one.op == promql_parser.MatchOp.Equal
            }
            found.selectors.append((node.name or "", equal))
        elif isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            found.grouped |= set(node.modifier.labels)
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def templated(text: str) -> Iterator[str]:
    """The labels that a legend or an annotation names."""
    return (name for name in _TEMPLATE.findall(text) if name != "value")
