class MessagesController < ApplicationController
  def index
    @messages = Message.order(created_at: :desc).limit(50)
  end

  def create
    Message.create(params.require(:message).permit(:author, :text))
    redirect_to root_path
  end
end
