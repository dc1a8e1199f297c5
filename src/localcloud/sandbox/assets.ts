import { fileURLToPath } from 'node:url';

/**
 * The compiled files that run in instances. Node 20 cannot run TypeScript, so when this runs from `src` (tests) they come
 * from `dist`, made by `npm run build`.
 */
const directory = fileURLToPath(new URL('.', import.meta.url)).replace(
  /\/src\/localcloud\/sandbox\/$/,
  '/dist/localcloud/sandbox/',
);

/** A shell script of the sandbox, absolute. */
export const program = (name: string) => `${directory}${name}`;

/** The directory of the agent that runs inside, absolute. */
export const agentDirectory = () => `${directory}agent`;
