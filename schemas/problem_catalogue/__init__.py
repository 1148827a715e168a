"""The problem catalogue: every refusal and warning has a stable code and says in zh and en what to do.

Texts of indicator rules live with their indicator.
"""

from collections.abc import Mapping

from schemas.problem_catalogue.accounts import ACCOUNT_PROBLEMS
from schemas.problem_catalogue.attachments import ATTACHMENT_PROBLEMS
from schemas.problem_catalogue.changes import CHANGE_PROBLEMS
from schemas.problem_catalogue.explanations import EXPLANATION_PROBLEMS
from schemas.problem_catalogue.exports import EXPORT_PROBLEMS
from schemas.problem_catalogue.figures import FIGURE_PROBLEMS
from schemas.problem_catalogue.filing import FILING_PROBLEMS
from schemas.problem_catalogue.findings import FINDING_PROBLEMS
from schemas.problem_catalogue.geometry import GEOMETRY_PROBLEMS
from schemas.problem_catalogue.imports import IMPORT_PROBLEMS
from schemas.problem_catalogue.items import ITEM_PROBLEMS
from schemas.problem_catalogue.personal import PERSONAL_PROBLEMS
from schemas.problem_catalogue.problem_type import ProblemType
from schemas.problem_catalogue.requests import REQUEST_PROBLEMS
from schemas.problem_catalogue.reviews import REVIEW_PROBLEMS
from schemas.problem_catalogue.webhooks import WEBHOOK_PROBLEMS

__all__ = ["PROBLEMS", "ProblemType"]

PROBLEMS: Mapping[str, ProblemType] = {
    **REQUEST_PROBLEMS,
    **ACCOUNT_PROBLEMS,
    **ATTACHMENT_PROBLEMS,
    **ITEM_PROBLEMS,
    **CHANGE_PROBLEMS,
    **REVIEW_PROBLEMS,
    **EXPORT_PROBLEMS,
    **FIGURE_PROBLEMS,
    **EXPLANATION_PROBLEMS,
    **FILING_PROBLEMS,
    **FINDING_PROBLEMS,
    **GEOMETRY_PROBLEMS,
    **IMPORT_PROBLEMS,
    **PERSONAL_PROBLEMS,
    **WEBHOOK_PROBLEMS,
}
