import type { Operation, Service } from '../../src/localcloud/wire/service.ts';
import { type Style, strangeParts } from './sdk-schema.ts';

/** The official clients, loaded only for the services that were asked; a test that asks has its client loaded already. */
const CLIENTS: Record<string, () => Promise<object>> = {
  autoscaling: () => import('@aws-sdk/client-auto-scaling'),
  ec2: () => import('@aws-sdk/client-ec2'),
  elasticloadbalancing: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  monitoring: () => import('@aws-sdk/client-cloudwatch'),
  sqs: () => import('@aws-sdk/client-sqs'),
  ssm: () => import('@aws-sdk/client-ssm'),
  sts: () => import('@aws-sdk/client-sts'),
};

/** Enough to see an answer's variants; a test with thousands of requests is not held up. */
const KEPT = 200;

interface Answer {
  service: string;
  operation: string;
  style: Style;
  answer: unknown;
}

/**
 * Services that remember what they have answered. `strange` holds it against the official clients' schemas: every test that asks
 * the local cloud anything also proves that the answer has no part that clients do not know, none of another type, and misses none.
 */
export function heldAnswers(services: Service[]): { services: Service[]; strange(): Promise<string[]> } {
  const answers: Answer[] = [];
  const noting = (service: string, style: Style, operations: Record<string, Operation>) =>
    Object.fromEntries(
      Object.entries(operations).map(([operation, run]) => {
        const noted: Operation = (input, context) => {
          const answer = run(input, context);
          const note = (given: unknown) => {
            if (answers.length < KEPT) answers.push({ service, operation, style, answer: given });
          };
          if (answer instanceof Promise) answer.then(note, () => {});
          else note(answer);
          return answer;
        };
        return [operation, noted];
      }),
    );
  const held = services.map((service) => {
    const { signingName, form, json } = service;
    // SQS's query protocol is an older one than its client speaks.
    const style = form?.dialect === 'ec2' ? 'item' : 'member';
    return {
      ...service,
      ...(form && !json && { form: { ...form, operations: noting(signingName, style, form.operations) } }),
      ...(json && { json: { ...json, operations: noting(signingName, 'json', json.operations) } }),
    };
  });
  return { services: held, strange: () => strangeAnswers(answers) };
}

async function strangeAnswers(answers: Answer[]): Promise<string[]> {
  const found = new Set<string>();
  for (const { service, operation, style, answer } of answers) {
    const schemas = (await CLIENTS[service]?.()) as Record<string, unknown> | undefined;
    const schema = schemas?.[`${operation}$`];
    if (schema === undefined) continue;
    for (const part of strangeParts(schema, answer, service, style))
      found.add(`${service} ${operation}${part}`);
  }
  return [...found];
}
