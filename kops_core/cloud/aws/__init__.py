"""AWS behind the ports: one session, one small adapter a kind, errors translated at the wall."""
