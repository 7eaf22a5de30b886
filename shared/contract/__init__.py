"""What two services must agree on, byte for byte: the words that travel over RabbitMQ."""
