import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CodesBuilder } from './codes.ts';
import { textPattern } from './match.ts';
import { PoolBuilder } from './pool.ts';
import { industrySection, tradeStart } from './segment.ts';
import { fold, foldPositions, originalRanges, personalNumber, readQuery } from './text.ts';

test('folding ignores width, case, spaces and punctuation', () => {
  expect(fold('重庆长江（慈溪）有限公司')).toBe('重庆长江慈溪有限公司');
  expect(fold('Ｔｃｌ 电子·科技')).toBe('TCL电子科技');
});

test('folding is idempotent and each unit knows where it came from', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const folded = fold(text);
      expect(fold(folded)).toBe(folded);
      const at = foldPositions(text);
      expect(at.length).toBe(folded.length + 1);
      expect(at).toEqual([...at].sort((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
});

test('a range of the folded text is drawn on the original', () => {
  const text = '重庆（慈 溪）公司';
  const at = fold(text).indexOf('庆慈溪');
  const [[start, end]] = originalRanges(text, [[at, at + 3]]) as [[number, number]];
  expect(text.slice(start, end)).toBe('庆（慈 溪');
});

test('any text is read as a query without failing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const q = readQuery(text);
      expect(q.words.length).toBeLessThanOrEqual(8);
      expect(/\p{Cc}/u.test(q.shown)).toBe(false);
    }),
  );
});

test('identity and telephone numbers are recognised, codes are not taken for them', () => {
  expect(personalNumber('11010519491231002X')).toEqual({ kind: 'citizen-id', value: '11010519491231002X' });
  expect(personalNumber('110105194912310021')).toBeNull();
  expect(personalNumber('+8613800138000')).toEqual({ kind: 'phone', value: '13800138000' });
  expect(personalNumber('110105491231002')).toEqual({ kind: 'citizen-id', value: '110105491231002' });
  expect(personalNumber('91330282000000001A')).toBeNull();
  expect(personalNumber('330203000030639')).toBeNull();
});

test('the pool finds exactly the texts that contain a text, where a scan finds them', () => {
  const word = fc.string({ unit: fc.constantFrom(...'公牛电器有限司慈溪市AB'), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), word, (texts, wanted) => {
      fc.pre(wanted.length > 0);
      const builder = new PoolBuilder();
      for (const t of texts) builder.add(t);
      const pool = builder.done();
      const got: [number, number][] = [];
      pool.search(textPattern(wanted), (id, at) => got.push([id, at]));
      const expected = texts.flatMap((t, i) => (t.includes(wanted) ? [[i, t.indexOf(wanted)]] : []));
      expect(got.sort((a, b) => a[0] - b[0])).toEqual(expected);
    }),
  );
});

test('codes are found by prefix exactly as a scan finds them', () => {
  const code = fc.string({ unit: fc.constantFrom(...'019A'), minLength: 4, maxLength: 18 });
  fc.assert(
    fc.property(fc.array(code, { maxLength: 40 }), code, (codes, prefix) => {
      const builder = new CodesBuilder();
      codes.forEach((c, i) => {
        builder.add(i, 'regno', c);
      });
      const got: [number, boolean][] = [];
      builder.done().search(prefix, (doc, _, exact) => got.push([doc, exact]));
      const expected = codes.flatMap((c, i) => (c.startsWith(prefix) ? [[i, c === prefix]] : []));
      expect(got.sort((a, b) => a[0] - b[0])).toEqual(expected);
    }),
  );
});

test('sections of industries follow GB/T 4754-2017', () => {
  expect(['C3854', '3854', '0111', '97', '6620', 'S', '', '不详', '00', '99'].map(industrySection)).toEqual([
    'C',
    'C',
    'A',
    'T',
    'J',
    'S',
    '',
    '',
    '',
    '',
  ]);
});

test('the trade name begins after the divisions', () => {
  const shorts = new Set(['慈溪', '浙江', '宁波']);
  expect(
    ['慈溪市公牛电器', '浙江省宁波市海天', '宁波慈溪农商', '公牛集团'].map((n) => n.slice(tradeStart(n, shorts))),
  ).toEqual(['公牛电器', '海天', '农商', '公牛集团']);
});
