"""Every SQL statement of this part of a citizen's file, each on what may be seen.

Of households it keeps numbers of members and rights, of persons nothing: no row names one.
"""

from libs.common.citizens.sections import STAYS

FACTS = f"""
{STAYS}
SELECT household_id, commune, version, standard, classes, class_days,
       lower(resident) AS from_day, upper(resident) AS until,
       cardinality(member_from) AS members, recorded_at, known_until
FROM household_fact AS held
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND resident && days)
ORDER BY household_id, version, standard, place LIMIT (SELECT rows FROM most)
"""
EFFECTS = f"""
{STAYS}
SELECT household_id, commune, stream, version, codes, from_days, recorded_at, known_until
FROM effect_fact AS held
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id
    AND (recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date >= lower(days)
    AND (upper_inf(days)
         OR (recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= upper(days)))
ORDER BY household_id, stream, version LIMIT (SELECT rows FROM most)
"""
REFERRALS = f"""
{STAYS}
SELECT household_id, commune, referral_id, programme, state, is_flagged, changed_on, recorded_at
FROM referral_fact AS held
-- It is found by its id; those of a household are on its timeline.
WHERE referral_id IN (
  SELECT subject FROM timeline_entry WHERE household_id = ANY ($2) AND stream = 'referral')
  AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id AND changed_on <@ days)
ORDER BY referral_id, version LIMIT (SELECT rows FROM most)
"""
# With the event by which the person left: it is recorded on that day or later.
TIMELINE = f"""
{STAYS}
SELECT household_id, commune, stream, type, act, facts, occurred_at, recorded_at
FROM timeline_entry AS held
CROSS JOIN LATERAL (SELECT coalesce(
  (facts ->> 'effective_on')::date,
  (occurred_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) AS day) AS told
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = held.household_id
    AND told.day >= lower(days) AND (upper_inf(days) OR told.day <= upper(days)))
ORDER BY recorded_at, event_id LIMIT (SELECT rows FROM most)
"""
