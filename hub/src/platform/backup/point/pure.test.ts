import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../problem.ts';
import { nameOfSegment, placeOf, readSegmentName, segmentAt } from './segments.ts';
import { type BaseSpot, forgottenOf, reachOf, type SegmentSpot, spanFor, spansOf } from './spans.ts';
import { TarReader } from './tar.ts';

const SIZE = 16_777_216;
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof Problem ? error.kind.code : String(error);
  }
};

test('names and places of segments go both ways', () => {
  expect(nameOfSegment(1, 0x1_02, SIZE)).toBe('000000010000000100000002');
  expect(placeOf('1/2000000')).toBe(0x1_0200_0000n);
  expect(segmentAt(placeOf('1/2000000'), SIZE)).toBe(0x102);
  expect(segmentAt(placeOf('1/2000000'), SIZE, true)).toBe(0x101);
  for (const name of ['00000001000000010000000', '000000010000000100000100', '000000000000000100000001', 'x.partial'])
    expect(readSegmentName(name, SIZE)).toBeUndefined();
  fc.assert(
    fc.property(
      fc.nat({ max: 1 << 30 }),
      fc.integer({ min: 1, max: 9999 }),
      fc.boolean(),
      (number, timeline, partial) => {
        const name = `${nameOfSegment(timeline, number, SIZE)}${partial ? '.partial' : ''}`;
        expect(readSegmentName(name, SIZE)).toEqual({ timeline, number, partial });
      },
    ),
  );
});

const base = (id: string, start: number, endedAt: number, over: Partial<BaseSpot> = {}): BaseSpot => ({
  ...{ id, system: '7', timeline: 1, endedAt, segmentSize: SIZE },
  ...{ start: `0/${(start * SIZE + 40).toString(16)}`, end: `0/${(start * SIZE + 400).toString(16)}` },
  ...over,
});
const segment = (number: number, last: number | null, partial = false, timeline = 1): SegmentSpot => ({
  ...{ system: '7', timeline, number, partial, last },
});

describe('instants that can be restored', () => {
  test('reach from the end of a base as far as its log is unbroken', () => {
    const bases = [base('a', 3, 1000), base('b', 7, 5000)];
    const log = [3, 4, 5, 7, 8].map((n) => segment(n, n === 8 ? null : n * 1000)).concat(segment(9, 9500, true));
    const spans = spansOf(bases, log);
    expect(spans).toMatchObject([
      { base: 'a', from: 1000, to: 5000, upto: 5 },
      { base: 'b', from: 5000, to: 9500, upto: 9 },
    ]);
    expect(spanFor(4999, spans).base).toBe('a');
    expect(spanFor(5000, spans).base).toBe('b');
    expect(codeOf(() => spanFor(999, spans))).toBe('backup.point.early');
    expect(codeOf(() => spanFor(9500, spans))).toBe('backup.point.late');
    const broken = spansOf(
      bases,
      log.filter((s) => s.number !== 4),
    );
    expect(reachOf(broken).gaps).toEqual([{ from: 3000, to: 5000 }]);
    expect(codeOf(() => spanFor(4000, broken))).toBe('backup.point.gap');
    expect(codeOf(() => spanFor(4000, []))).toBe('backup.point.none');
    // Another timeline's segments never stand for this one's.
    expect(spansOf([base('a', 3, 1000)], [segment(3, 9000, false, 2)])).toEqual([]);
  });

  test('whatever is forgotten, every instant since the kept day can be restored as before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 45 }), { maxLength: 4 }),
        fc.nat({ max: 45 }),
        (starts, missing, since) => {
          const bases = [...new Set(starts)].map((n) => base(`b${n}`, n, n * 100 + 50));
          const log = Array.from({ length: 45 }, (_, n) => segment(n, n * 100 + 99)).filter(
            (s) => !missing.includes(s.number),
          );
          const gone = forgottenOf(bases, log, since * 100);
          const [left, rest] = [
            bases.filter((b) => !gone.bases.includes(b.id)),
            log.filter((s) => !gone.segments.includes(s)),
          ];
          const [before, after] = [spansOf(bases, log), spansOf(left, rest)];
          for (let at = since * 100; at < 4600; at += 25)
            expect(codeOf(() => spanFor(at, after)) === 'nothing was thrown', `${at}`).toBe(
              codeOf(() => spanFor(at, before)) === 'nothing was thrown',
            );
        },
      ),
    );
  });
});

/** A tar stream as the format has it. */
function tar(files: { path: string; content: Buffer | null }[]): Buffer {
  const parts: Buffer[] = [];
  for (const { path, content } of files) {
    const h = Buffer.alloc(512);
    h.write(path + (content ? '' : '/'), 0);
    h.write('0000600\0', 100);
    h.write(`${(content?.length ?? 0).toString(8).padStart(11, '0')}\0`, 124);
    h.write(`${(1_700_000_000).toString(8)}\0`, 136);
    h.write(content ? '0' : '5', 156);
    h.write('ustar\0', 257);
    h.write('        ', 148);
    const sum = h.reduce((a, b) => a + b, 0);
    h.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    parts.push(h);
    if (content) parts.push(content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

describe('a tar stream', () => {
  const read = (stream: Buffer, cuts: readonly number[]) => {
    const found: { path: string; content: Buffer | null }[] = [];
    let pieces: Buffer[] = [];
    const reader = new TarReader(
      {
        begin: (e) => {
          pieces = [];
          found.push({ path: e.path, content: e.folder ? null : Buffer.alloc(0) });
        },
        piece: (p) => {
          expect(p.length).toBeLessThanOrEqual(1000);
          pieces.push(Buffer.from(p));
        },
        end: () => {
          const last = found.at(-1)!;
          if (last.content) last.content = Buffer.concat(pieces);
        },
      },
      1000,
    );
    let at = 0;
    for (const cut of [...cuts, stream.length]) {
      if (cut > at) reader.push(stream.subarray(at, cut));
      at = Math.max(at, cut);
    }
    reader.finish();
    return found;
  };

  test('is read the same however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 12_000 }), { maxLength: 20 }),
        (sizes, cuts) => {
          const files = [
            { path: 'base', content: null },
            ...sizes.map((n, i) => ({ path: `base/${i}`, content: randomBytes(n) })),
          ];
          const stream = tar(files);
          const sorted = cuts.filter((c) => c < stream.length).sort((a, b) => a - b);
          expect(read(stream, sorted)).toEqual(files);
        },
      ),
    );
  });

  test('that ends early, was changed or holds a link is refused', () => {
    const stream = tar([{ path: 'PG_VERSION', content: Buffer.from('15\n') }]);
    expect(codeOf(() => read(stream.subarray(0, 700), []))).toBe('backup.point.stream');
    expect(codeOf(() => read(stream.subarray(0, 1024), []))).toBe('backup.point.stream');
    const changed = Buffer.from(stream);
    changed[0] = 88;
    expect(codeOf(() => read(changed, []))).toBe('backup.point.stream');
  });
});
