import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Parameters } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

const UNKNOWN = ['ParameterNotFound', 'ParameterVersionNotFound'];

/** SSM parameters. */
export function parameters(aws: Connection): Parameters {
  const ssm = aws.client(SSMClient);

  async function read(name: string, version?: number) {
    const Name = version === undefined ? name : `${name}:${version}`;
    try {
      const { Parameter: found } = await ssm.send(new GetParameterCommand({ Name }));
      return found && { value: found.Value ?? '', version: found.Version ?? 0 };
    } catch (error) {
      if (failedWith(error, ...UNKNOWN)) return undefined;
      throw error;
    }
  }

  // AWS: two writings at the same moment may fail with TooManyUpdates (HTTP 400: the SDK does not send it again).
  const write = (Name: string, Value: string, DataType: string, Overwrite: boolean) =>
    aws.again(
      () => ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', DataType, Overwrite })),
      (error) => failedWith(error, 'TooManyUpdates'),
    );

  return {
    find: async (name) => (await read(name))?.value,

    read,

    async create(name, value) {
      try {
        await write(name, value, 'text', false);
        return true;
      } catch (error) {
        if (failedWith(error, 'ParameterAlreadyExists')) return false;
        throw error;
      }
    },

    // AWS: with the data type aws:ec2:image launch templates and CloudFormation can resolve it, and SSM checks the image id.
    async put(name, value, type) {
      const { Version } = await write(name, value, type === 'image' ? 'aws:ec2:image' : 'text', true);
      return Version ?? 0;
    },
  };
}
