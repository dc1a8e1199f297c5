import type { Parameters } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

interface Wire {
  Parameter?: { Value?: string; ParameterVersion?: number };
}

const UNKNOWN = ['EntityNotExists.Parameter', 'EntityNotExists.ParameterVersion'];

/**
 * Parameters of OOS. Neither writing call takes a token: when an answer was lost the same value is written again, as another version,
 * or found to be there already. Who reads can tell, for it is the same text.
 */
export function parameters(ali: Connection): Parameters {
  async function read(name: string, version?: number) {
    try {
      const query = { Name: name, ParameterVersion: version };
      const { Parameter: found } = await ali.call<Wire>('oos', 'GetParameter', query);
      return found && { value: found.Value ?? '', version: found.ParameterVersion ?? 0 };
    } catch (error) {
      if (failedWith(error, ...UNKNOWN)) return undefined;
      throw error;
    }
  }

  const write = (action: string, Name: string, Value: string) =>
    ali.call<Wire>('oos', action, { Name, Value, Type: 'String' });

  async function create(name: string, value: string): Promise<boolean> {
    try {
      await write('CreateParameter', name, value);
      return true;
    } catch (error) {
      if (failedWith(error, 'EntityAlreadyExists.Parameter')) return false;
      throw error;
    }
  }

  return {
    find: async (name) => (await read(name))?.value,
    read,
    create,

    async put(name, value) {
      try {
        return (await write('UpdateParameter', name, value)).Parameter?.ParameterVersion ?? 0;
      } catch (error) {
        if (!failedWith(error, ...UNKNOWN)) throw error;
      }
      return (await create(name, value)) ? 1 : ((await read(name))?.version ?? 0);
    },
  };
}
