import { type Logger, LogLevel } from '@slack/web-api';

/** Slack's SDKs write to the terminal, which is the reporters'. What is wrong comes as an error. */
export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};
