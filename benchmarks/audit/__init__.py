"""How often the audit's checks are right, on replays of real trainings."""
