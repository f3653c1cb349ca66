"""The smallest project that uses the queue. The worker processes of these tests run it."""
