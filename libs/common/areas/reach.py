"""The one recursive query behind scopes and geographies: what lies under codes, before and after.

Links lead from a unit to its successors. Going back from a unit always stays inside its
territory; going forward may lead into a larger one. Siblings are never reached: going forward and
then back would be somebody else's land.
"""

# $1 codes, $2 day, $3 the last day whose successors count. A code means the unit valid on the day,
# else the last one before, else the first one after; its digits say the level.
REACH = """
WITH RECURSIVE asked AS (
  SELECT DISTINCT ON (unit.code) unit.area_id
  FROM unnest($1::text[]) AS wanted(code)
  JOIN area_unit AS unit
    ON unit.code = wanted.code
   AND unit.level = CASE length(wanted.code)
                      WHEN 2 THEN 'province' WHEN 3 THEN 'district' ELSE 'commune' END
  ORDER BY unit.code, unit.valid_from > $2::date, abs(unit.valid_from - $2::date)
), below AS (
  SELECT area_id FROM asked
  UNION
  SELECT child.area_id FROM below JOIN area_unit AS child ON child.parent_id = below.area_id
), back AS (
  SELECT area_id FROM below
  UNION
  SELECT link.predecessor_id FROM back JOIN area_link AS link ON link.successor_id = back.area_id
), ahead AS (
  SELECT area_id FROM below
  UNION
  SELECT link.successor_id
  FROM ahead
  JOIN area_link AS link ON link.predecessor_id = ahead.area_id
  JOIN area_unit AS successor ON successor.area_id = link.successor_id
  WHERE successor.valid_from <= $3::date
), reached AS (
  SELECT area_id FROM back UNION SELECT area_id FROM ahead
)"""
