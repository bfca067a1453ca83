"""Stand-ins for platforms that cannot run here: strict servers on real sockets that hold the ground truth."""
