"""The hands: what a panel's controls do to the desk, and what the display shows of it."""
