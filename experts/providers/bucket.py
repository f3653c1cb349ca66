"""One token bucket for each service of a vendor, in PostgreSQL: all processes keep to it together.

A bucket that fills at a steady rate is the same as a clock: a call that takes a tenth of a
minute's limit books six seconds, and a caller's turn comes when everything booked before has gone
by, less the seconds that the bucket holds (the generic cell rate algorithm, ITU-T I.371).

Not for use inside a transaction, which would keep the row locked for everybody until it ends.
"""

from datetime import timedelta
from typing import Any

from django.db import connection

BUCKET = timedelta(seconds=10)  # how much of the limit may be used at once, after a quiet time

# Whoever stands in the line is let in in the order of asking, since each booking moves the next
# turn on. A turn that is further away than the caller can wait is not booked, only told. A person
# does not stand behind the work of the background (`skips_line`), yet books, so that it gives way.
TAKE = """
INSERT INTO experts_vendorbucket AS bucket (vendor, booked_until)
VALUES (%(name)s, clock_timestamp() + %(cost)s)
ON CONFLICT (vendor) DO UPDATE SET
    turn_at = {turn},
    booked_until = CASE
        WHEN {turn} > clock_timestamp() + %(patience)s THEN bucket.booked_until
        ELSE greatest(bucket.booked_until, clock_timestamp()) + %(cost)s
    END
RETURNING extract(epoch FROM turn_at - clock_timestamp())::float8
""".format(
    turn="""greatest(
        bucket.closed_until,
        CASE WHEN %(skips_line)s THEN NULL ELSE bucket.booked_until - %(bucket)s END
    )"""
)

# After the pause nobody has anything saved up, or all who waited would call at once.
CLOSE = """
INSERT INTO experts_vendorbucket AS bucket (vendor, closed_until, booked_until)
VALUES (%(name)s, clock_timestamp() + %(pause)s, clock_timestamp() + %(pause)s + %(bucket)s)
ON CONFLICT (vendor) DO UPDATE SET
    closed_until = greatest(bucket.closed_until, EXCLUDED.closed_until),
    booked_until = greatest(bucket.booked_until, EXCLUDED.booked_until)
"""

CLOSED = """
SELECT extract(epoch FROM closed_until - clock_timestamp())::float8
FROM experts_vendorbucket WHERE vendor = %s
"""


def take(name: str, *, cost: float, patience: float, skips_line: bool = False) -> float:
    """Book `cost` seconds of the vendor's limit; returns the seconds until the caller's turn.

    More than `patience` seconds means that nothing was booked.
    """
    parameters: dict[str, Any] = {
        "name": name,
        "cost": timedelta(seconds=cost),
        "patience": timedelta(seconds=patience),
        "skips_line": skips_line,
        "bucket": BUCKET,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, parameters)
        return max(0.0, float(cursor.fetchone()[0]))


def close(name: str, seconds: float) -> None:
    """Let nobody call for so long."""
    pause: Any = timedelta(seconds=seconds)  # which psycopg knows, and Django's types do not
    bucket: Any = BUCKET
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, {"name": name, "pause": pause, "bucket": bucket})


def closed_for(name: str) -> float:
    """Seconds until it may be called again; 0 when it may be now."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSED, [name])
        row = cursor.fetchone()
    return max(0.0, float(row[0])) if row else 0.0
