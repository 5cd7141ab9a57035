"""What runs by itself: the schedule, the stream, the queue, the bus."""
