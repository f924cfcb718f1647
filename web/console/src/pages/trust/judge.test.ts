import {
  aggregate,
  calendarRoot,
  extendSignature,
  imprint,
  readSignature,
  writeAggregationChain,
  writeCalendarChain,
  writePublicationRecord,
  writeSignature,
} from '@jingwei/keyless';
import { expect, test } from 'vitest';
import { type Evidence, familyOf, judge, reasonOf } from './judge.ts';

const SHA256 = 1;
const hashOf = (text: string) => imprint(SHA256, new TextEncoder().encode(text));
const document = hashOf('plan');

/** A signature of the second 1, ending in the publication of that second, and what extending it to second 3 gives. */
function signed() {
  const links = [{ left: true, levelCorrection: 0, sibling: hashOf('beside'), kind: 'imprint' as const }];
  const parts = { time: 1n, index: [3n], inputHash: document, algorithm: SHA256, links };
  const { root } = aggregate(parts, document, 0);
  const first = { left: false, sibling: hashOf('second 0') };
  const calendar = { publicationTime: 1n, aggregationTime: 1n, inputHash: root, links: [first] };
  const publication = { time: 1n, hash: calendarRoot(calendar) };
  const bytes = writeSignature([
    writeAggregationChain(parts),
    writeCalendarChain(calendar),
    writePublicationRecord(0x803, publication),
  ]);
  const later = {
    ...calendar,
    publicationTime: 3n,
    links: [first, { left: true, sibling: hashOf('seconds 2 and 3') }],
  };
  const chain = readSignature(extendSignature(readSignature(bytes), writeCalendarChain(later))).calendar!;
  return { signature: readSignature(bytes), publication, chain, newest: { time: 3n, hash: calendarRoot(later) } };
}
const { signature, publication, chain, newest } = signed();
const outcome = async (evidence: Evidence) => {
  const { outcome, basis, code } = await judge(signature, evidence);
  return [outcome, basis, code];
};

test('a publication that the person brings proves it, and a file that was changed is refuted before anything is asked', async () => {
  expect(await outcome({ hash: document, userPublication: publication })).toEqual(['proven', 'given', undefined]);
  const asked = await judge(signature, { hash: hashOf('plan.'), userPublication: publication });
  expect(asked).toMatchObject({ outcome: 'refuted', basis: 'none', code: 'GEN-01' });
  expect(asked.asked.map((a) => a.policy)).toEqual(['internal']);
});

test('without anything to hold it against nothing is concluded: it is never shown as proven', async () => {
  expect(await outcome({ hash: document })).toEqual(['open', 'none', 'GEN-02']);
});

test('what is missing has plain words', async () => {
  const missing = async (evidence: Evidence) => reasonOf((await judge(signature, evidence)).reason);
  expect(await missing({})).toBe('no-file');
  expect(await missing({ userPublication: { ...publication, time: 0n } })).toBe('too-early');
  expect(await missing({ userPublication: newest })).toBe('no-extender');
  expect(reasonOf('something new')).toBe('other');
});

test('another publication of the same second refutes it; nothing of the service stands in for it', async () => {
  const other = { ...publication, hash: hashOf('other') };
  expect(await outcome({ hash: document, userPublication: other })).toEqual(['refuted', 'none', 'PUB-04']);
});

test('a later publication is reached by the chain that the service gives, which is kept; a wrong chain refutes', async () => {
  const evidence = { hash: document, userPublication: newest };
  const judged = await judge(signature, { ...evidence, extender: () => chain });
  expect(judged).toMatchObject({ outcome: 'proven', basis: 'given', chain: { publicationTime: 3n } });
  const forged = { ...chain, links: [chain.links[0]!, { left: true, sibling: hashOf('forged') }] };
  expect(await outcome({ ...evidence, extender: () => forged })).toEqual(['refuted', 'none', 'PUB-01']);
  const away = () => {
    throw new Error('away');
  };
  expect(await outcome({ ...evidence, extender: away })).toEqual(['open', 'none', 'GEN-02']);
});

test('every code has a plain explanation: general ones their own, the others that of their family', () => {
  expect(['GEN-01', 'GEN-04', 'INT-11', 'KEY-02', 'PUB-05', 'CAL-01'].map((c) => familyOf(c as 'GEN-01'))).toEqual([
    'GEN-01',
    'GEN-04',
    'INT',
    'KEY',
    'PUB',
    'CAL',
  ]);
});
