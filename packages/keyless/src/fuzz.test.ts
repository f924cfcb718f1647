import { beforeAll, describe, expect, it } from 'vitest';
import { aggregationRequest, PDU, writePdu } from './format/pdu.ts';
import { readPublicationsFile } from './format/publications-file.ts';
import { consume, type FuzzTrust, fuzz, seedsOf } from './fuzz-testing.ts';
import type { FuzzSeed } from './mutate-testing.ts';
import { Authority, writePublicationsFile } from './publish/index.ts';
import { imprintOfText, makeSignature } from './testing.ts';

const time = 1_780_000_001n;
const email = 'publications@city.example';

describe('files changed at random', () => {
  let seeds: FuzzSeed[];
  let trust: FuzzTrust;
  beforeAll(() => {
    const authority = Authority.make({
      kind: 'ecdsa',
      subject: { organisation: '慈溪市' },
      email,
      now: Number(time) * 1000,
    });
    const document = imprintOfText('document');
    const publications = writePublicationsFile({
      authority,
      created: time,
      publications: [{ time, hash: document, references: ['慈溪日报'] }],
    });
    trust = { publicationsFile: readPublicationsFile(publications), roots: [authority.root], email };
    seeds = seedsOf(
      [
        makeSignature({ time, document, authority }).bytes,
        makeSignature({ time, publicationTime: time + 30n, document, algorithm: 11, published: true }).bytes,
      ],
      [publications],
      [
        writePdu(
          PDU.aggregationRequest,
          { login: 'anon' },
          [aggregationRequest({ id: 1n, hash: document, level: 3 })],
          new Uint8Array(4),
          1,
        ),
      ],
    );
    for (const { kind, bytes } of seeds) consume(kind, bytes, trust);
  });

  it('are refused with a code or judged; nothing else comes of them', () => {
    const report = fuzz(seeds, 4_000, 20_261_121, trust);
    expect(report.crashes).toEqual([]);
    expect(report.accepted).toBeGreaterThan(50);
    expect(Object.keys(report.refused).length).toBeGreaterThan(15);
  });
});
