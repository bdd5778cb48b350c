"""Tables, figures and the report: made from files of results alone, without torch."""
