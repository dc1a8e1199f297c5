export interface AlarmState {
  name: string;
  state: 'ok' | 'alarm' | 'insufficient-data';
}

/** Alarms of the cloud's monitoring, whoever made them. */
export interface Alarms {
  /** Those of these names that exist. */
  states(names: string[]): Promise<AlarmState[]>;
}
