"""Every SQL statement of this part of a citizen's file, each on what may be seen."""

from libs.common.citizens.sections import STAYS

# Of the household as the registry last told of it only the person's own entries.
FACTS = f"""
{STAYS}
SELECT household_id, commune, household_version, determined_to, member.*
FROM household_facts AS home CROSS JOIN LATERAL jsonb_to_recordset(
  convert_from(facts, 'UTF8')::jsonb -> 'members') AS member(
    person_id uuid, joined_on date, left_on date, relation text, birth_date date, birth_year int,
    sex text, ethnicity text, disability text, schooling text, employment text,
    has_pension boolean, is_low_income_worker boolean)
WHERE household_id = ANY ($2) AND person_id = $1
ORDER BY household_id, joined_on LIMIT (SELECT rows FROM most)
"""
ENTITLEMENTS = f"""
{STAYS}
SELECT household_id, commune, subject_kind, programme, support, benefit, from_day, until, document,
       is_confirmed, recorded_at, superseded_at
FROM entitlement AS held
WHERE household_id = ANY ($2) AND (subject_id = $1 OR subject_kind = 'household') AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id
    AND daterange(from_day, until) && days)
ORDER BY household_id, programme, from_day, recorded_at LIMIT (SELECT rows FROM most)
"""
ROLL = f"""
{STAYS}
SELECT household_id, commune, group_code, support_percent, benefit_percent, from_day, until,
       document, is_confirmed, recorded_at, superseded_at
FROM roll_period WHERE household_id = ANY ($2) AND person_id = $1
ORDER BY household_id, from_day, recorded_at LIMIT (SELECT rows FROM most)
"""
CARDS = f"""
{STAYS}
SELECT household_id, commune, group_code, from_day, until, state, reason, reference, benefit_level,
       valid_from, valid_until, answered_on, recorded_by, recorded_at, superseded_at
FROM card_answer WHERE household_id = ANY ($2) AND person_id = $1
ORDER BY household_id, from_day, number LIMIT (SELECT rows FROM most)
"""
OFFERS = f"""
{STAYS}
SELECT household_id, commune, group_code, benefit, from_day, until, document, is_confirmed,
       recorded_at, superseded_at
FROM training_offer WHERE household_id = ANY ($2) AND person_id = $1
ORDER BY household_id, group_code, from_day, recorded_at LIMIT (SELECT rows FROM most)
"""
