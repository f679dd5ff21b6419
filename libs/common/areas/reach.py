"""The one recursive query behind scopes and geographies: what lies under codes, before and after.

Links lead from a unit to its successors. Going back from a unit always stays inside its
territory; going forward may lead into a larger one. Siblings are never reached: going forward and
then back would be somebody else's land.
"""

# $1 codes, $2 day, $3 the last day whose successors count. A code means the unit valid on the day,
# else the last one before, else the first one after; its digits say the level. `OFFSET 0` keeps the
# planner on the indexes: it cannot guess how few rows a recursion has, and would read whole tables.
REACH = """
WITH RECURSIVE asked AS (
  SELECT unit.area_id
  FROM (SELECT DISTINCT unnest($1::text[]) AS code) AS wanted
  CROSS JOIN LATERAL (
    SELECT area_id FROM area_unit
    WHERE code = wanted.code
      AND level = CASE length(wanted.code)
                    WHEN 2 THEN 'province' WHEN 3 THEN 'district' ELSE 'commune' END
    ORDER BY valid_from > $2::date, abs(valid_from - $2::date) LIMIT 1
  ) AS unit
), below AS (
  SELECT area_id FROM asked
  UNION
  SELECT child.area_id FROM below CROSS JOIN LATERAL (
    SELECT area_id FROM area_unit WHERE parent_id = below.area_id OFFSET 0
  ) AS child
), back AS (
  SELECT area_id FROM below
  UNION
  SELECT link.predecessor_id FROM back CROSS JOIN LATERAL (
    SELECT predecessor_id FROM area_link WHERE successor_id = back.area_id OFFSET 0
  ) AS link
), ahead AS (
  SELECT area_id FROM below
  UNION
  SELECT link.successor_id FROM ahead CROSS JOIN LATERAL (
    SELECT successor_id FROM area_link
    WHERE predecessor_id = ahead.area_id
      AND (SELECT valid_from FROM area_unit WHERE area_id = successor_id) <= $3::date
    OFFSET 0
  ) AS link
), reached AS (
  SELECT area_id FROM back UNION SELECT area_id FROM ahead
)"""
