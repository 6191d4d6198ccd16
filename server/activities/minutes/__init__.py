"""The record of a meeting (会议记录): written by the recorder, confirmed by another, then only amended.

What was said and decided is one document with a version; who was there comes from the list of the activity, and is frozen with
the document when it is confirmed.
"""
