"""How big a paper may be, and what judging one may cost."""

from __future__ import annotations

MEGABYTE = 1024 * 1024

MAX_BYTES = 10 * MEGABYTE
MAX_PAGES = 30
MAX_PIXELS = 40_000_000
# Of one application, or of one prescriber on file.
MAX_PAPERS = 20
MAX_NAME = 120

# What the process that opens a paper may use before the system ends it.
CPU_SECONDS = 5
WALL_SECONDS = 20
ADDRESS_SPACE = 768 * MEGABYTE
OUTPUT_BYTES = 4 * MAX_BYTES
# Papers opened at the same time by one web process, and how long the next one waits.
AT_ONCE = 2
TURN_SECONDS = 15

STATED = "PDF, PNG or JPEG, at most 10 MB; a PDF at most 30 pages."
