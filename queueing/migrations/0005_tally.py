"""How many tasks each stretch of the line holds, kept up by triggers: queueing/tally.py.

Unlogged, so that it costs no write-ahead log: after a crash both tables are empty, positions are
counted task by task, and a worker counts the line anew.
"""

from django.db import migrations

COLUMNS = """
    priority integer NOT NULL, turn bigint NOT NULL, queued_at timestamptz NOT NULL,
    tasks bigint NOT NULL, weight bigint NOT NULL"""
EAGER = """
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0
"""
TABLES = f"""
CREATE UNLOGGED TABLE processing_tally ({COLUMNS}, PRIMARY KEY (priority, turn, queued_at))
    WITH (fillfactor = 50, {EAGER});
CREATE UNLOGGED TABLE processing_tally_change ({COLUMNS}) WITH ({EAGER})
"""

# A claim notes by itself whom it takes, in a third of the time: it raises the flag, for one
# statement, and the trigger lowers it.
FUNCTIONS = """
CREATE FUNCTION processing_tally_crossed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign integer := TG_ARGV[0];  -- 1 of those that come, -1 of those that go
BEGIN
    INSERT INTO processing_tally_change
    SELECT priority, turn, queued_at, sign * count(*), sign * sum(weight) FROM crossed
    WHERE status = 'queued' AND available_at IS NULL
    GROUP BY priority, turn, queued_at;
    RETURN NULL;
END $$;
CREATE FUNCTION processing_tally_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    flag text := current_setting('queueing.is_tallied', true);
BEGIN
    IF flag = 'yes' THEN
        flag := set_config('queueing.is_tallied', 'no', true);  -- PERFORM would take a query
        RETURN NULL;
    END IF;
    INSERT INTO processing_tally_change
    SELECT priority, turn, queued_at, sum(tasks), sum(tasks * weight)
    FROM (
        SELECT priority, turn, queued_at, weight, -1 AS tasks FROM before
        WHERE status = 'queued' AND available_at IS NULL
        UNION ALL
        SELECT priority, turn, queued_at, weight, 1 FROM after
        WHERE status = 'queued' AND available_at IS NULL
    ) AS moved
    GROUP BY priority, turn, queued_at
    HAVING sum(tasks) <> 0 OR sum(tasks * weight) <> 0;
    RETURN NULL;
END $$;
CREATE FUNCTION processing_tally_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE processing_tally, processing_tally_change;
    RETURN NULL;
END $$
"""

TRIGGERS = """
CREATE TRIGGER tally_entered AFTER INSERT ON processing_queue
    REFERENCING NEW TABLE AS crossed
    FOR EACH STATEMENT EXECUTE FUNCTION processing_tally_crossed('1');
CREATE TRIGGER tally_moved AFTER UPDATE ON processing_queue
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION processing_tally_moved();
CREATE TRIGGER tally_deleted AFTER DELETE ON processing_queue
    REFERENCING OLD TABLE AS crossed
    FOR EACH STATEMENT EXECUTE FUNCTION processing_tally_crossed('-1');
CREATE TRIGGER tally_emptied AFTER TRUNCATE ON processing_queue
    FOR EACH STATEMENT EXECUTE FUNCTION processing_tally_emptied();
ALTER TABLE processing_queue
    ENABLE ALWAYS TRIGGER tally_entered, ENABLE ALWAYS TRIGGER tally_moved,
    ENABLE ALWAYS TRIGGER tally_deleted, ENABLE ALWAYS TRIGGER tally_emptied
"""

DROP_TRIGGERS = "; ".join(
    f"DROP TRIGGER tally_{name} ON processing_queue"
    for name in ("entered", "moved", "deleted", "emptied")
)
DROP_FUNCTIONS = (
    "DROP FUNCTION processing_tally_crossed, processing_tally_moved, processing_tally_emptied"
)


class Migration(migrations.Migration):
    dependencies = [("queueing", "0004_short_conditions")]
    operations = [
        migrations.RunSQL(TABLES, "DROP TABLE processing_tally, processing_tally_change"),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
    ]
