Rails.application.routes.draw do
  root "messages#index"
  resources :messages, only: [:create]
  get "health", to: "health#show"
end
