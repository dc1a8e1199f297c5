# With a lock, the gems are those that it names; without one (the rehearsal), those of the machine.
ENV["BUNDLE_GEMFILE"] ||= File.expand_path("../Gemfile", __dir__)
require "bundler/setup" if File.exist?("#{ENV['BUNDLE_GEMFILE']}.lock")
