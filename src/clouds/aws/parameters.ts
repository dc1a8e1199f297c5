import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Parameters } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

/** SSM parameters. */
export function parameters(aws: Connection): Parameters {
  const ssm = aws.client(SSMClient);
  return {
    async find(name) {
      try {
        return (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
      } catch (error) {
        if (failedWith(error, 'ParameterNotFound')) return undefined;
        throw error;
      }
    },

    // AWS: with the data type aws:ec2:image launch templates and CloudFormation can resolve it, and SSM checks the image id.
    async put(name, value) {
      await ssm.send(
        new PutParameterCommand({
          Name: name,
          Value: value,
          Type: 'String',
          DataType: 'aws:ec2:image',
          Overwrite: true,
        }),
      );
    },
  };
}
