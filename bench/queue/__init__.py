"""How fast the queue is, beside what bare psycopg makes of the same database in the same run."""
