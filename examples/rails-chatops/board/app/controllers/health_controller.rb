# Who asks is told which release answers, and whether it can do its work.
class HealthController < ActionController::Base
  def show
    ActiveRecord::Base.connection.select_value("SELECT count(*) FROM messages")
    render json: { release: Rails.configuration.x.release, database: "ok" }
  rescue ActiveRecord::ActiveRecordError => error
    logger.error("database: #{error.message}")
    render json: { release: Rails.configuration.x.release, database: "away" }, status: :service_unavailable
  end
end
