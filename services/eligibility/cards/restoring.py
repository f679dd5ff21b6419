"""The insurer's answers after eligibility was restored to an earlier point.

What it answered in the lost time is known to nobody but itself; that it did, the versions of the
stream `card` tell that others have seen. Those rolls count as seen by the insurer in a version that
is gone, so they are said again in the new generation, and it answers what it is told.
"""

from libs.common.database import Transaction

_ASK_AGAIN = """
INSERT INTO seen_elsewhere (stream, subject, version)
SELECT roll.stream, roll.subject, roll.version + 1
FROM (SELECT subject, max(version) AS version FROM seen_elsewhere WHERE stream = 'card'
      GROUP BY subject) AS answered
  JOIN stream_head AS roll ON roll.stream = 'insurance' AND roll.subject = answered.subject
  LEFT JOIN stream_head AS card ON card.stream = 'card' AND card.subject = answered.subject
WHERE answered.version > coalesce(card.version, 0)
"""


async def ask_for_lost_answers(tx: Transaction) -> int:
    """Have the rolls said again whose answers are lost; answers how many.

    Args:
        tx: on the owner's connection, which holds the notes of what others have seen; before
            `restoring.renew`.
    """
    return await tx.execute(_ASK_AGAIN)
