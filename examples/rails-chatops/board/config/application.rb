require_relative "boot"
require "logger" # Active Support before 7.1 uses it without asking for it
require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "action_view/railtie"

module Board
  class Application < Rails::Application
    config.load_defaults 6.1
    config.eager_load = true
    config.logger = ActiveSupport::TaggedLogging.new(Logger.new($stdout))
    config.log_level = :info
    config.log_tags = [:request_id]
    # Nothing is written beside the application: its files are not its own.
    config.active_record.dump_schema_after_migration = false
    config.cache_store = :null_store
    # The load balancer's health checks come by address.
    config.hosts.clear
    # TLS ends at the load balancer.
    config.force_ssl = false
    config.secret_key_base = ENV.fetch("SECRET_KEY_BASE", nil)
    config.x.release = ENV.fetch("BOARD_RELEASE", "unknown")
  end
end
