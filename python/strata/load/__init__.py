"""Puts raw files into the raw schemas of an engine by its bulk path, for demos and tests.

Users have their own loader.
"""
