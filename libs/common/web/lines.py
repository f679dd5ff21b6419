"""Pages of writes whose lines are done or refused one by one: what is said of a refused line."""

from libs.common.problems import FieldError, Problem
from libs.common.web.schemas import ProblemField, ProblemText


def line_errors(position: int, problem: Problem, whole: str) -> list[ProblemField]:
    """The broken rules of one line.

    Args:
        position: of the line in the page, from 0.
        problem: why it was refused.
        whole: pointer of the field that stands for the line where the problem names none.
    """
    errors = problem.errors or (FieldError(whole, problem.code, problem.title, problem.title),)
    return [
        ProblemField(
            pointer=f"/lines/{position}{error.pointer}",
            rule=error.rule,
            message=ProblemText(vi=error.message.vi, en=error.message.en),
            fix=ProblemText(vi=error.fix.vi, en=error.fix.en),
        )
        for error in errors
    ]
