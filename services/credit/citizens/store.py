"""Every SQL statement of this part of a citizen's file, each on what may be seen.

Who borrows is the household: of it what was so during the person's stay.
"""

from libs.common.citizens.sections import STAYS

GROUPS = f"""
{STAYS}
SELECT household_id, commune, group_id, person_id IS NOT DISTINCT FROM $1 AS is_the_person,
       lower(period) AS from_day, upper(period) AS until, recorded_by, recorded_at
FROM group_member AS held
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND period && days)
ORDER BY household_id, joined_on LIMIT (SELECT rows FROM most)
"""
REFERRALS = f"""
{STAYS}
SELECT household_id, said.commune, referral_id, said.programme, said.state,
       said.is_flagged, said.changed_on, said.max_amount, said.max_months, said.yearly_rate,
       said.terms_document, said.terms_are_confirmed, said.recorded_at
FROM referral AS held JOIN referral_version AS said USING (referral_id)
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND said.changed_on <@ days)
ORDER BY referral_id, said.version LIMIT (SELECT rows FROM most)
"""
PAYMENTS = f"""
{STAYS}
SELECT household_id, paid.commune, referral_id, paid.paid_on, paid.amount, paid.contract_number,
       paid.recorded_by, paid.recorded_at
FROM referral AS held JOIN disbursement AS paid USING (referral_id)
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND paid.paid_on <@ days)
ORDER BY referral_id LIMIT (SELECT rows FROM most)
"""
NEEDS = f"""
{STAYS}
SELECT household_id, said.commune, need_id, purpose, amount, months, source, said.stage,
       said.changed_on, said.approved_amount, said.approved_months, said.reason, said.recorded_at
FROM need AS held JOIN need_version AS said USING (need_id)
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND said.changed_on <@ days)
ORDER BY need_id, said.version LIMIT (SELECT rows FROM most)
"""
VOTES = f"""
{STAYS}
SELECT household_id, entry.commune, held.need_id, voted_on, minutes_number, votes_for,
       votes_against, list.recorded_by, list.recorded_at
FROM need AS held
JOIN need_list_entry AS entry ON entry.list_id = held.list_id AND entry.need_id = held.need_id
JOIN need_list AS list ON list.list_id = held.list_id
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND voted_on <@ days)
ORDER BY held.need_id, voted_on LIMIT (SELECT rows FROM most)
"""
LOANS = f"""
{STAYS}
SELECT household_id, said.commune, loan_id, contract_number, said.document,
       said.programme, said.source, said.state, said.principal, said.paid_on, said.due_on,
       said.balance_in_term, said.balance_overdue, said.balance_frozen,
       said.interest_in_term + said.interest_overdue + said.interest_frozen AS interest,
       said.yearly_rate, said.is_used_as_agreed, said.changed_on, said.recorded_at
FROM loan AS held JOIN loan_version AS said USING (loan_id)
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND said.changed_on <@ days)
ORDER BY loan_id, said.version LIMIT (SELECT rows FROM most)
"""
STATEMENTS = f"""
{STAYS}
SELECT household_id, said.commune, loan_id, month_end, said.balance_in_term, said.balance_overdue,
       said.balance_frozen, said.recorded_by, said.recorded_at
FROM loan AS held JOIN loan_statement AS said USING (loan_id)
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND month_end <@ days)
ORDER BY loan_id, month_end LIMIT (SELECT rows FROM most)
"""
