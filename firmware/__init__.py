"""The desk: parameters, engine, scenes, services, command line."""

import time

STARTED_S = time.clock_gettime(time.CLOCK_BOOTTIME)
"""When this program began: the launcher's set-up and Python's own start are over, nothing else is imported."""
