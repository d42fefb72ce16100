"""What a running perception is, without any transport: the frame loop, its numbers, its health."""
