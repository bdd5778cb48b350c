"""From a recipe and prepared pictures to weights and predictions."""
