"""The stream, the bus, the queues and the topic."""
