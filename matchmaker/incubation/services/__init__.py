"""What carriers, their managers and enterprises do along the incubation chain."""
