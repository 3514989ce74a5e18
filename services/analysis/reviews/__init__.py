"""What people decide about proposals: kept with its log entry, its event and the state of the run."""
