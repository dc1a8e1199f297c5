import type { Service } from '../service.ts';

/** EC2, API version 2016-11-15. */
export function ec2Service(): Service {
  return {
    signingName: 'ec2',
    form: { dialect: 'ec2', xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/', operations: {} },
  };
}
