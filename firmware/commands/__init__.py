"""One module per command, found by name: `HELP`, `add_arguments(parser)` and `run(args) -> exit code`."""
