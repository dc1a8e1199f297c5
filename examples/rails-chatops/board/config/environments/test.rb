Rails.application.configure do
  config.secret_key_base = "test"
  config.log_level = :fatal
  config.active_record.maintain_test_schema = false
  config.consider_all_requests_local = true
  config.action_dispatch.show_exceptions = false
  config.action_controller.allow_forgery_protection = false
end
