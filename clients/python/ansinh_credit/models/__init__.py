"""Contains all the data models used in inputs/outputs"""

from .answer_in import AnswerIn
from .ballot_in import BallotIn
from .buckets_in import BucketsIn
from .buckets_out import BucketsOut
from .capital_source import CapitalSource
from .change_out import ChangeOut
from .change_out_data_type_0 import ChangeOutDataType0
from .changes_out import ChangesOut
from .closing_in import ClosingIn
from .confirmation_in import ConfirmationIn
from .disbursement_in import DisbursementIn
from .disbursement_out import DisbursementOut
from .entry_out import EntryOut
from .extension_in import ExtensionIn
from .file_state import FileState
from .format_ import Format
from .freeze_in import FreezeIn
from .grade import Grade
from .grade_in import GradeIn
from .group_detail_out import GroupDetailOut
from .group_in import GroupIn
from .group_out import GroupOut
from .law_terms_out import LawTermsOut
from .line_in import LineIn
from .line_out import LineOut
from .list_detail_out import ListDetailOut
from .list_in import ListIn
from .list_out import ListOut
from .list_state import ListState
from .loan_detail_out import LoanDetailOut
from .loan_out import LoanOut
from .loan_state import LoanState
from .loan_version_out import LoanVersionOut
from .loans_act import LoansAct
from .member_in import MemberIn
from .member_out import MemberOut
from .need_brief_out import NeedBriefOut
from .need_detail_out import NeedDetailOut
from .need_in import NeedIn
from .need_out import NeedOut
from .need_stage import NeedStage
from .outcome_file_out import OutcomeFileOut
from .page_group_out import PageGroupOut
from .page_list_out import PageListOut
from .page_loan_out import PageLoanOut
from .page_need_out import PageNeedOut
from .page_plan_out import PagePlanOut
from .page_referral_out import PageReferralOut
from .plan_in import PlanIn
from .plan_out import PlanOut
from .problem import Problem
from .problem_field import ProblemField
from .problem_text import ProblemText
from .programme import Programme
from .reason_out import ReasonOut
from .receipt_in import ReceiptIn
from .referral_detail_out import ReferralDetailOut
from .referral_out import ReferralOut
from .referral_state import ReferralState
from .referrals_act import ReferralsAct
from .result import Result
from .review_in import ReviewIn
from .review_out import ReviewOut
from .statement_in import StatementIn
from .statements_in import StatementsIn
from .statements_out import StatementsOut
from .step_out import StepOut
from .terms_out import TermsOut
from .union import Union
from .use_check_in import UseCheckIn
from .verdict_in import VerdictIn
from .version_out import VersionOut
from .withdrawal_in import WithdrawalIn
from .write_off_in import WriteOffIn

__all__ = (
    "AnswerIn",
    "BallotIn",
    "BucketsIn",
    "BucketsOut",
    "CapitalSource",
    "ChangeOut",
    "ChangeOutDataType0",
    "ChangesOut",
    "ClosingIn",
    "ConfirmationIn",
    "DisbursementIn",
    "DisbursementOut",
    "EntryOut",
    "ExtensionIn",
    "FileState",
    "Format",
    "FreezeIn",
    "Grade",
    "GradeIn",
    "GroupDetailOut",
    "GroupIn",
    "GroupOut",
    "LawTermsOut",
    "LineIn",
    "LineOut",
    "ListDetailOut",
    "ListIn",
    "ListOut",
    "ListState",
    "LoanDetailOut",
    "LoanOut",
    "LoanState",
    "LoanVersionOut",
    "LoansAct",
    "MemberIn",
    "MemberOut",
    "NeedBriefOut",
    "NeedDetailOut",
    "NeedIn",
    "NeedOut",
    "NeedStage",
    "OutcomeFileOut",
    "PageGroupOut",
    "PageListOut",
    "PageLoanOut",
    "PageNeedOut",
    "PagePlanOut",
    "PageReferralOut",
    "PlanIn",
    "PlanOut",
    "Problem",
    "ProblemField",
    "ProblemText",
    "Programme",
    "ReasonOut",
    "ReceiptIn",
    "ReferralDetailOut",
    "ReferralOut",
    "ReferralState",
    "ReferralsAct",
    "Result",
    "ReviewIn",
    "ReviewOut",
    "StatementIn",
    "StatementsIn",
    "StatementsOut",
    "StepOut",
    "TermsOut",
    "Union",
    "UseCheckIn",
    "VerdictIn",
    "VersionOut",
    "WithdrawalIn",
    "WriteOffIn",
)
