import { get } from 'node:http';
import { connect } from 'node:net';
import type { HealthCheck } from './records.ts';

/** What came of one health check. */
export interface ProbeResult {
  passed: boolean;
  reason?: string;
  description?: string;
}

const TIMEOUT: ProbeResult = {
  passed: false,
  reason: 'Target.Timeout',
  description: 'Request timed out',
};

const FAILED: ProbeResult = {
  passed: false,
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
};

/** Asks a target the way its group wants. Never rejects. The time-out is real: processes work no faster at any speed. */
export function probe(check: HealthCheck, address: string, port: number): Promise<ProbeResult> {
  const timeout = check.timeoutSeconds * 1_000;
  return new Promise((resolve) => {
    if (check.protocol === 'TCP') {
      const socket = connect({ host: address, port, timeout });
      const end = (result: ProbeResult) => {
        socket.destroy();
        resolve(result);
      };
      socket.once('connect', () => end({ passed: true }));
      socket.once('timeout', () => end(TIMEOUT));
      socket.once('error', () => end(FAILED));
      return;
    }
    const request = get(
      {
        ...{ host: address, port, path: check.path, agent: false },
        headers: { 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' },
        signal: AbortSignal.timeout(timeout),
      },
      (response) => {
        response.resume();
        resolve(judge(check, response.statusCode ?? 0));
      },
    );
    request.once('error', (error) => resolve(error.name === 'AbortError' ? TIMEOUT : FAILED));
  });
}

export function judge({ matcher }: HealthCheck, status: number): ProbeResult {
  const matches = matcher.split(',').some((part) => {
    const [from, to = from] = part.split('-');
    return status >= Number(from) && status <= Number(to);
  });
  if (matches) return { passed: true };
  return {
    passed: false,
    reason: 'Target.ResponseCodeMismatch',
    description: `Health checks failed with these codes: [${status}]`,
  };
}

/** An instance without processes says nothing, or something, at its pleasure. */
export function pretend(check: HealthCheck, answer: TargetAnswer | undefined): ProbeResult {
  if (answer === 'timeout') return TIMEOUT;
  if (answer === 'refused') return FAILED;
  return check.protocol === 'TCP' ? { passed: true } : judge(check, answer ?? 200);
}

/** An HTTP status, no answer in time, or no connection. */
export type TargetAnswer = number | 'timeout' | 'refused';
