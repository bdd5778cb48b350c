"""One module a step: its options, and the one function it calls."""
