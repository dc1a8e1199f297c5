"""Takes webhooks: proves who sent them, keeps each once, answers at once."""
