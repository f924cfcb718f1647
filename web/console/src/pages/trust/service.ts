/** What the browser needs of the signing service to judge by itself: its publications file, the root that it is believed from, chains to a publication. */
import {
  type CalendarChain,
  extendSignature,
  type KeylessSignature,
  type PublicationsFile,
  readPublicationsFile,
  readSignature,
  signingTime,
  verifyPublicationsFile,
  writePublicationRecord,
} from '@jingwei/keyless';
import { queryOptions } from '@tanstack/react-query';
import { ApiProblem, api, problemOf } from '../../api/client.ts';
import { fromBase64 } from './hashing.ts';

/** Fetches bytes; a refusal or a broken connection is an `ApiProblem`. */
export async function fetchBytes(address: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: 'same-origin' });
  } catch {
    throw new ApiProblem({
      code: 'network.unreachable',
      status: 0,
      title: {
        zh: '连不上签名服务，无法取得公开值。',
        en: 'The signing service cannot be reached: its publications are missing.',
      },
    });
  }
  if (!response.ok) throw await problemOf(response);
  return new Uint8Array(await response.arrayBuffer());
}

/** How the service is: public. */
export const statusQuery = queryOptions({
  queryKey: ['trust', 'status'],
  queryFn: ({ signal }) => api.get('/api/v1/trust/status', { signal }),
  staleTime: 10_000,
});

/**
 * The publications file, its own signature verified against the root certificate that the service gives. Whoever does not want to believe the service
 * compares a publication with the printed one: that is why it can be entered by hand.
 */
export const publicationsQuery = queryOptions({
  queryKey: ['trust', 'file'],
  queryFn: async (): Promise<PublicationsFile> => {
    // Not broken off when a page goes away: a verdict elsewhere may wait for it, and without it would say less than is known.
    const [status, bytes, root] = await Promise.all([
      api.get('/api/v1/trust/status'),
      fetchBytes('/keyless/publications'),
      fetchBytes('/keyless/root.pem'),
    ]);
    const file = readPublicationsFile(bytes);
    verifyPublicationsFile(file, { roots: [new TextDecoder().decode(root)], email: status.email });
    return file;
  },
  staleTime: 60_000,
  retry: false,
});

/** Asks the service for the calendar's chain that leads from this signature to a publication. */
export function extenderFor(signature: KeylessSignature): (from: bigint, to?: bigint) => Promise<CalendarChain> {
  return async (from, to) => {
    const { chain } = await api.post('/api/v1/trust/extend', {
      body: { aggregationTime: Number(from), ...(to === undefined ? {} : { publicationTime: Number(to) }) },
    });
    const extended = readSignature(extendSignature(signature, fromBase64(chain)));
    if (!extended.calendar) throw new Error('the service answered no chain');
    return extended.calendar;
  };
}

/** The signature with the chain to a publication in place of the key's word; undefined where the publication is not in the file. */
export function extendedWith(
  signature: KeylessSignature,
  chain: CalendarChain,
  file: PublicationsFile | undefined,
): Uint8Array | undefined {
  const record = file?.publications.find((p) => p.data.time === chain.publicationTime);
  if (!record || chain.aggregationTime !== signingTime(signature)) return undefined;
  return extendSignature(
    signature,
    chain.tlv.bytes,
    writePublicationRecord(0x803, {
      time: record.data.time,
      hash: record.data.hash,
      references: record.references,
      repositories: record.repositories,
    }),
  );
}
