import type { SmokeContext } from './context.ts';
import { type HttpConfig, readResponse, wrongIn } from './http-answer.ts';
import { askScript, readAsked } from './http-script.ts';
import { testInstances } from './instances.ts';
import type { SmokeCheck } from './report.ts';

const DEFAULT_PORT = 80;

/** Has every new instance ask itself for a path: no port has to be open to bake, and it is certain who answers. */
export async function testHttpOnInstances(context: SmokeContext, config: HttpConfig): Promise<SmokeCheck> {
  const { cloud, roster, release } = context;
  const { path, host, timeout } = config;
  await roster.look();
  const targets = await Promise.all(roster.targetGroups.map((one) => cloud.traffic.find(one)));
  const port = config.port ?? targets.find((one) => one !== undefined)?.port ?? DEFAULT_PORT;
  return testInstances(context, {
    name: 'http',
    about: `GET ${path} on port ${port}`,
    script: askScript({ port, path, host }),
    timeout,
    wrong({ state, output }) {
      const asked = state === 'timed-out' ? { problem: 'no answer in time' } : readAsked(output);
      if ('problem' in asked) return asked.problem;
      const answer = readResponse(asked.response);
      return answer ? wrongIn(answer, config, release) : 'answered, but not by HTTP';
    },
  });
}
