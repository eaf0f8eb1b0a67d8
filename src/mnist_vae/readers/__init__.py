"""Where images come from: mirrors, and the IDX files that they hold."""
