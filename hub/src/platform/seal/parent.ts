/** The service above as the signing thread speaks to it: the protocols of the format over HTTP. */
import { AggregatorClient, ExtenderClient, type ParentClient, parentClient } from '@jingwei/keyless/service';
import { algorithmNumber } from './algorithm.ts';
import type { SignerSetup } from './signer.ts';

/** The client of a parent's two protocol addresses. */
export function parentOf({ url, login, key, algorithm }: NonNullable<SignerSetup['parent']>): ParentClient {
  const options = { login, key: new Uint8Array(Buffer.from(key)), algorithm: algorithmNumber(algorithm) };
  return parentClient(
    new AggregatorClient({ ...options, url: new URL('/keyless/aggregator', url).href }),
    new ExtenderClient({ ...options, url: new URL('/keyless/extender', url).href }),
  );
}
