"""How PostgreSQL keeps a table healthy whose rows all change several times and then go.

fillfactor: room on each page for the renewals of leases, which then touch no index (HOT).
autovacuum: dead rows are cleared after some thousand changes instead of a fifth of the table,
and without naps, for the claim's index scan steps over them until then.
"""

from django.db import migrations

TASKS = """
ALTER TABLE processing_queue SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_analyze_threshold = 1000
)
"""
WORKERS = "ALTER TABLE processing_worker SET (fillfactor = 50)"


class Migration(migrations.Migration):
    dependencies = [("queueing", "0001_tables")]
    operations = [
        migrations.RunSQL(
            TASKS,
            "ALTER TABLE processing_queue RESET (fillfactor, autovacuum_vacuum_scale_factor,"
            " autovacuum_vacuum_threshold, autovacuum_vacuum_cost_delay,"
            " autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)",
        ),
        migrations.RunSQL(WORKERS, "ALTER TABLE processing_worker RESET (fillfactor)"),
    ]
