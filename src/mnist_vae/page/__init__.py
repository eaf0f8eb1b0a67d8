"""The page of a run: report/index.html."""
