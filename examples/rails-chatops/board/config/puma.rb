# User data says where to listen.
bind ENV.fetch("BOARD_BIND", "tcp://127.0.0.1:8080")
environment ENV.fetch("RAILS_ENV", "production")
threads 1, 5
# What is being answered when the instance leaves is answered.
force_shutdown_after 25
