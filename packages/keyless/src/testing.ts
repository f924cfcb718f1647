/** Signatures of our own making for tests and benches: whole ones, with origins, a calendar chain and whatever anchor is asked for. */
import type { AggregationLink } from './format/aggregation.ts';
import { aggregate, shapeOf } from './format/aggregation.ts';
import { calendarRoot, highBit } from './format/calendar.ts';
import { metadataValue } from './format/metadata.ts';
import { imprint } from './hash/imprint.ts';
import type { Authority } from './publish/authority.ts';
import { TreeBuilder } from './sign/tree.ts';
import {
  writeAggregationChain,
  writeCalendarAuthentication,
  writeCalendarChain,
  writePublicationRecord,
  writePublishedData,
  writeSignature,
} from './sign/write.ts';

/** Imprint of a text, by SHA-256 unless said otherwise. */
export const imprintOfText = (text: string, algorithm = 1): Uint8Array =>
  imprint(algorithm, new TextEncoder().encode(text));

/** What is signed, and how. */
export interface OwnSignature {
  /** Unix second of signing. */
  time: bigint;
  /** Unix second of publication; the second of signing where left out. */
  publicationTime?: bigint;
  document: Uint8Array;
  /** Height of the tree of which `document` is the root; then it is asked for alone. */
  level?: number;
  algorithm?: number;
  /** Number of documents in the tree. */
  leaves?: number;
  /** Signs the calendar's root; without it and without `published` the signature has no anchor. */
  authority?: Pick<Authority, 'authenticate'>;
  /** Whether a publication record ends it. */
  published?: boolean;
  /** Whether links have origins. */
  origin?: boolean;
}

/** The links from a second to a publication, siblings made up. */
function calendarLinks(time: bigint, publicationTime: bigint, algorithm: number) {
  const links: { left: boolean; sibling: Uint8Array }[] = [];
  let [rest, at] = [publicationTime, time];
  while (rest > 0n) {
    const high = highBit(rest);
    const left = at < high;
    links.unshift({ left, sibling: imprintOfText(`calendar ${rest} ${left}`, algorithm) });
    if (left) rest = high - 1n;
    else [rest, at] = [rest - high, at - high];
  }
  return links;
}

/** A signature and the calendar's root that it leads to. */
export function makeSignature(options: OwnSignature): { bytes: Uint8Array; root: Uint8Array; publicationTime: bigint } {
  const { time, document, algorithm = 1, level = 0, leaves = level > 0 ? 4 : 8, origin = true } = options;
  const publicationTime = options.publicationTime ?? time;
  const tree = new TreeBuilder(algorithm);
  for (let i = 0; i < leaves; i++) {
    const own = i === leaves >> 1;
    tree.add(
      own ? document : imprintOfText(`neighbour ${i}`, algorithm),
      own && level > 0
        ? { level }
        : own && origin
          ? { origin: { clientId: 'city:archive', machineId: 'node-1', sequence: BigInt(i) } }
          : {},
    );
  }
  const top = tree.close();
  const lower = tree.chainOf(leaves >> 1);
  // A chain begins at level 0: the height of what it begins with is in its first step.
  lower[0]!.levelCorrection += level;
  const upper: AggregationLink[] = [
    origin
      ? { left: true, levelCorrection: 0, sibling: metadataValue({ clientId: '经纬' }), kind: 'metadata' }
      : { left: true, levelCorrection: 0, sibling: imprintOfText('another tree', algorithm), kind: 'imprint' },
    { left: false, levelCorrection: 2, sibling: imprintOfText('other departments', algorithm), kind: 'imprint' },
  ];
  const index = shapeOf(upper);
  const { root } = aggregate({ links: upper, algorithm }, top.root, top.level);
  const calendar = {
    publicationTime,
    aggregationTime: time,
    inputHash: root,
    links: calendarLinks(time, publicationTime, algorithm),
  };
  const published = calendarRoot(calendar);
  const data = writePublishedData(publicationTime, published, true);
  const bytes = writeSignature([
    writeAggregationChain({ time, index: [index, shapeOf(lower)], inputHash: document, algorithm, links: lower }),
    writeAggregationChain({ time, index: [index], inputHash: top.root, algorithm, links: upper }),
    writeCalendarChain(calendar),
    ...(options.authority ? [writeCalendarAuthentication({ data, ...options.authority.authenticate(data) })] : []),
    ...(options.published ? [writePublicationRecord(0x803, { time: publicationTime, hash: published })] : []),
  ]);
  return { bytes, root: published, publicationTime };
}
