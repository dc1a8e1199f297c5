import { ServiceError } from '../errors.ts';

export type PolicyLanguage = 'iam' | 'ram';

/** A statement with every "one or a list" made a list. Absent members stay absent. */
export interface Statement {
  /** Whose requests it speaks of: AWS's, or Alibaba Cloud's (RAM's documents have version "1"). */
  language: PolicyLanguage;
  sid?: string;
  effect: 'Allow' | 'Deny';
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  /** Operator, context key, values. */
  conditions: [operator: string, key: string, values: string[]][];
}

const malformed = (why: string) => new ServiceError('MalformedPolicyDocument', why);

/**
 * An identity-based policy's statements, of AWS or (version "1") of Alibaba Cloud.
 * Sources: IAM "JSON policy element reference"; RAM "Basic elements of a permission policy". @throws MalformedPolicyDocument
 */
export function readPolicy(document: string): Statement[] {
  const { language, statements } = rawStatements(document);
  return statements.map((raw) => {
    const statement = readStatement(raw, language);
    if (language === 'ram') checkRam(statement);
    return statement;
  });
}

/** A statement of a trust policy, and the identity providers that it speaks of. */
export interface TrustStatement {
  federated: string[];
  statement: Statement;
}

/** A role's trust policy. It speaks of principals instead of resources. @throws MalformedPolicyDocument */
export function readTrustPolicy(document: string): TrustStatement[] {
  const { language, statements } = rawStatements(document);
  return statements.map((raw) => {
    if (typeof raw !== 'object' || raw === null) throw malformed('Syntax errors in policy.');
    const { Principal, ...rest } = raw as { Principal?: { Federated?: unknown } };
    if (Principal === undefined) throw malformed('Missing required field Principal');
    return {
      federated: texts(Principal.Federated) ?? [],
      statement: readStatement({ ...rest, Resource: '*' }, language),
    };
  });
}

function rawStatements(document: string): { language: PolicyLanguage; statements: unknown[] } {
  let policy: { Version?: unknown; Statement?: unknown };
  try {
    policy = JSON.parse(document);
  } catch {
    throw malformed('Syntax errors in policy.');
  }
  if (typeof policy !== 'object' || policy === null) throw malformed('Syntax errors in policy.');
  const { Version, Statement } = policy;
  if (Version !== undefined && !['2012-10-17', '2008-10-17', '1'].includes(String(Version)))
    throw malformed('The policy must contain a valid version string.');
  const statements = Array.isArray(Statement) ? Statement : Statement === undefined ? [] : [Statement];
  if (statements.length === 0) throw malformed('Syntax errors in policy.');
  return { language: Version === '1' ? 'ram' : 'iam', statements };
}

/** What RAM has no element or operator for. Source: RAM "Conditional operators". */
function checkRam({ notResources, conditions }: Statement): void {
  if (notResources) throw malformed('RAM policies have no NotResource.');
  const operator =
    /^(String(Not)?(Equals|EqualsIgnoreCase|Like)|(Numeric|Date)(Not)?Equals|(Numeric|Date)(Less|Greater)Than(Equals)?|Bool|(Not)?IpAddress)$/;
  for (const [name] of conditions)
    if (!operator.test(name)) throw malformed(`RAM policies have no condition operator ${name}.`);
}

function readStatement(raw: unknown, language: PolicyLanguage): Statement {
  if (typeof raw !== 'object' || raw === null) throw malformed('Syntax errors in policy.');
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Condition, ...others } = raw as Record<
    string,
    unknown
  >;
  if (Effect !== 'Allow' && Effect !== 'Deny')
    throw malformed('Statement must have an Effect: Allow or Deny.');
  if ((Action === undefined) === (NotAction === undefined))
    throw malformed('Policy statement must contain actions.');
  if ((Resource === undefined) === (NotResource === undefined))
    throw malformed('Policy statement must contain resources.');
  if ('Principal' in others || 'NotPrincipal' in others)
    throw malformed('Policy document should not specify a principal.');
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw malformed(`Syntax errors in policy: unknown element ${unknown}.`);
  const actions = texts(Action);
  for (const action of [...(actions ?? []), ...(texts(NotAction) ?? [])]) {
    if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action))
      throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  }
  return {
    language,
    sid: typeof Sid === 'string' ? Sid : undefined,
    effect: Effect,
    actions,
    notActions: texts(NotAction),
    resources: texts(Resource),
    notResources: texts(NotResource),
    conditions: readConditions(Condition),
  };
}

function readConditions(raw: unknown): Statement['conditions'] {
  return Object.entries(Object(raw ?? {})).flatMap(([operator, keys]) =>
    Object.entries(Object(keys)).map(([key, values]): [string, string, string[]] => [
      operator,
      key,
      texts(values) ?? [],
    ]),
  );
}

function texts(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  return (Array.isArray(value) ? value : [value]).map((item) => {
    if (typeof item === 'object') throw malformed('Syntax errors in policy.');
    return String(item);
  });
}
