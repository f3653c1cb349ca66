"""The queue beside others, each installed from the registry and started as its documentation says.

`make bench-rivals` makes the environment and runs it. A rival is one file here; what all of them
share is in rival.py (the interface), work.py (the task) and trials.py (what is measured).
"""
