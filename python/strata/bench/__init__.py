"""The benchmark: what a build costs against the least it could cost, and how that grows.

Every figure is a ratio of two things measured in the same run on the same machine, so that it means the same elsewhere.
Everything is generated and built in a folder of its own; nothing that readers or other builds use is touched.
"""
