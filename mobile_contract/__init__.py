"""What an app developer gets: the reference client, whose outbox loses nothing and sends nothing twice."""
