"""The difference between what should be and what is, with its reasons and risks."""
