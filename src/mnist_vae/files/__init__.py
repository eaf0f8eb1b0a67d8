"""What passes between stages: a file for each kind, with its writer beside its reader.

The same values give the same bytes. Files appear whole or not at all, and reading never unpickles.
"""
