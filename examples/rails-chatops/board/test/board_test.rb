ENV["RAILS_ENV"] = "test"
require "minitest/autorun"
require_relative "../config/environment"
require "rails/test_help"
Dir[Rails.root.join("db/migrate/*.rb")].sort.each { |file| require file }

# The database of the tests is in memory.
ActiveRecord::Migration.verbose = false
CreateMessages.migrate(:up)

class BoardTest < ActionDispatch::IntegrationTest
  test "shows what was posted, as text" do
    post "/messages", params: { message: { author: "Mia", text: "<b>hello</b>" } }
    assert_redirected_to "/"
    follow_redirect!
    assert_includes response.body, "&lt;b&gt;hello&lt;/b&gt;"
  end

  test "takes no message without an author" do
    assert_no_difference -> { Message.count } do
      post "/messages", params: { message: { author: "", text: "hello" } }
    end
  end

  test "says which release answers" do
    get "/health"
    assert_equal({ "release" => "unknown", "database" => "ok" }, response.parsed_body)
  end

  test "is not healthy without its database" do
    ActiveRecord::Base.connection.rename_table(:messages, :elsewhere)
    get "/health"
    assert_response :service_unavailable
  ensure
    ActiveRecord::Base.connection.rename_table(:elsewhere, :messages)
  end
end
