class Message < ActiveRecord::Base
  validates :author, presence: true, length: { maximum: 40 }
  validates :text, presence: true, length: { maximum: 500 }
end
