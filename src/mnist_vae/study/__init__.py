"""Results as data: docs/results/*.csv, made by experiments, and the tables made from them."""
