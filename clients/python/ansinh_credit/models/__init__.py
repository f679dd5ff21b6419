"""Contains all the data models used in inputs/outputs"""

from .account_out import AccountOut
from .acts import Acts
from .answer_in import AnswerIn
from .ballot_in import BallotIn
from .buckets_in import BucketsIn
from .buckets_out import BucketsOut
from .capital_source import CapitalSource
from .change_out import ChangeOut
from .change_out_data_type_0 import ChangeOutDataType0
from .changes_out import ChangesOut
from .closing_in import ClosingIn
from .column_out import ColumnOut
from .column_out_words import ColumnOutWords
from .confirmation_in import ConfirmationIn
from .difference_kind import DifferenceKind
from .difference_out import DifferenceOut
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
from .minutes_in import MinutesIn
from .need_brief_out import NeedBriefOut
from .need_detail_out import NeedDetailOut
from .need_in import NeedIn
from .need_out import NeedOut
from .need_stage import NeedStage
from .outcome_file_out import OutcomeFileOut
from .page_difference_out import PageDifferenceOut
from .page_group_out import PageGroupOut
from .page_list_out import PageListOut
from .page_loan_out import PageLoanOut
from .page_need_out import PageNeedOut
from .page_plan_out import PagePlanOut
from .page_reconciliation_out import PageReconciliationOut
from .page_referral_out import PageReferralOut
from .part_out import PartOut
from .plan_in import PlanIn
from .plan_out import PlanOut
from .problem import Problem
from .problem_field import ProblemField
from .problem_text import ProblemText
from .programme import Programme
from .put_page_json_reconciliation_page_in import PutPageJsonReconciliationPageIn
from .put_page_json_reconciliation_page_in_lines_item import PutPageJsonReconciliationPageInLinesItem
from .reason_out import ReasonOut
from .receipt_in import ReceiptIn
from .reconciliation_close_in import ReconciliationCloseIn
from .reconciliation_in import ReconciliationIn
from .reconciliation_out import ReconciliationOut
from .reconciliation_out_differences import ReconciliationOutDifferences
from .reconciliation_page_out import ReconciliationPageOut
from .reconciliation_state import ReconciliationState
from .referral_detail_out import ReferralDetailOut
from .referral_out import ReferralOut
from .referral_state import ReferralState
from .referrals_act import ReferralsAct
from .result import Result
from .review_in import ReviewIn
from .review_out import ReviewOut
from .section_out import SectionOut
from .section_out_rows_item import SectionOutRowsItem
from .statement_in import StatementIn
from .statements_in import StatementsIn
from .statements_out import StatementsOut
from .stay import Stay
from .step_out import StepOut
from .terms_out import TermsOut
from .union import Union
from .unreadable_out import UnreadableOut
from .use_check_in import UseCheckIn
from .verdict_in import VerdictIn
from .version_out import VersionOut
from .withdrawal_in import WithdrawalIn
from .words_out import WordsOut
from .write_off_in import WriteOffIn

__all__ = (
    "AccountOut",
    "Acts",
    "AnswerIn",
    "BallotIn",
    "BucketsIn",
    "BucketsOut",
    "CapitalSource",
    "ChangeOut",
    "ChangeOutDataType0",
    "ChangesOut",
    "ClosingIn",
    "ColumnOut",
    "ColumnOutWords",
    "ConfirmationIn",
    "DifferenceKind",
    "DifferenceOut",
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
    "MinutesIn",
    "NeedBriefOut",
    "NeedDetailOut",
    "NeedIn",
    "NeedOut",
    "NeedStage",
    "OutcomeFileOut",
    "PageDifferenceOut",
    "PageGroupOut",
    "PageListOut",
    "PageLoanOut",
    "PageNeedOut",
    "PagePlanOut",
    "PageReconciliationOut",
    "PageReferralOut",
    "PartOut",
    "PlanIn",
    "PlanOut",
    "Problem",
    "ProblemField",
    "ProblemText",
    "Programme",
    "PutPageJsonReconciliationPageIn",
    "PutPageJsonReconciliationPageInLinesItem",
    "ReasonOut",
    "ReceiptIn",
    "ReconciliationCloseIn",
    "ReconciliationIn",
    "ReconciliationOut",
    "ReconciliationOutDifferences",
    "ReconciliationPageOut",
    "ReconciliationState",
    "ReferralDetailOut",
    "ReferralOut",
    "ReferralState",
    "ReferralsAct",
    "Result",
    "ReviewIn",
    "ReviewOut",
    "SectionOut",
    "SectionOutRowsItem",
    "StatementIn",
    "StatementsIn",
    "StatementsOut",
    "Stay",
    "StepOut",
    "TermsOut",
    "Union",
    "UnreadableOut",
    "UseCheckIn",
    "VerdictIn",
    "VersionOut",
    "WithdrawalIn",
    "WordsOut",
    "WriteOffIn",
)
