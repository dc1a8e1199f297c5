import type { RequestContext } from '../service.ts';

/** Alibaba's accounts have sixteen digits. */
export const accountId = ({ engine }: Pick<RequestContext, 'engine'>): string =>
  engine.account.padStart(16, '0');
