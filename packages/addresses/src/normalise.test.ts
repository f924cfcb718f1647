import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressKeys,
  compare,
  elementValue,
  LABELS,
  normalise,
  normaliseParts,
  numeralValue,
  type Parts,
  parse,
} from './index.ts';

const canonical = (text: string) => normalise(parse(text));

describe('normalise', () => {
  it('completes the divisions above a town that one county has', () => {
    const address = canonical('浒山街道环城南路129号');
    expect(address.text).toBe('浙江省宁波市慈溪市浒山街道环城南路129号');
    expect(address.division).toBe('330282004');
    expect(address.changes.map((one) => one.to)).toEqual(['浙江省', '宁波市', '慈溪市']);
  });

  it('completes nothing where a name is borne by several', () => {
    const address = canonical('鼓楼区环城南路129号');
    expect(address.division).toBeUndefined();
    expect(address.parts.city).toBeUndefined();
  });

  it('brings an old division to its present name and says so', () => {
    const address = canonical('浙江省慈溪县环城南路129号');
    expect(address.parts.district).toBe('慈溪市');
    expect(address.changes).toContainEqual(
      expect.objectContaining({ label: 'district', from: '慈溪县', to: '慈溪市' }),
    );
  });

  it('does not correct a city that contradicts', () => {
    expect(canonical('温州市慈溪市环城南路1号').parts.city).toBe('温州市');
  });

  it.each([
    ['环城南路１２９号水岸华庭十二栋三单元３０１房', '环城南路129号水岸华庭12幢3单元301室'],
    ['环城南路129号 12号楼 3F', '环城南路129号12幢3层'],
    ['柳营路669弄14号1102', '柳营路669弄14幢1102室'],
  ])('writes %s as %s', (text, expected) => {
    expect(canonical(text).text).toBe(expected);
  });

  it('is idempotent', () => {
    const value = fc.constantFrom(
      '浒山街道',
      '慈溪县',
      '慈溪市',
      '宁波市',
      '12弄',
      '十二号',
      '0301',
      '三楼',
      'B座',
      '第8栋',
      '附3号',
      '号',
      '3-2号',
      '百',
      '浙江',
    );
    const parts = fc.dictionary(fc.constantFrom(...LABELS), fc.oneof(value, fc.string({ maxLength: 8 })), {
      maxKeys: 8,
    });
    fc.assert(
      fc.property(parts, (some) => {
        const once = normaliseParts(some as Parts);
        const twice = normaliseParts(once.parts);
        expect(twice.parts).toEqual(once.parts);
        expect(twice.text).toBe(once.text);
      }),
      {
        numRuns: 1000,
        examples: [[{ houseno: '##' }], [{ houseno: '$##' }], [{ houseno: '$#号#' }], [{ houseno: '第第1号' }]],
      },
    );
  });

  it('refuses elements that overlap', () => {
    const [road] = parse('环城南路');
    expect(() => normalise([road!, road!])).toThrow(expect.objectContaining({ code: 'addresses.elements' }));
  });

  it.each([
    ['十二', 12],
    ['二十', 20],
    ['一百零八', 108],
    ['一〇三', 103],
    ['拾贰', 12],
    ['路', undefined],
  ])('counts %s as %s', (text, value) => {
    expect(numeralValue(text)).toBe(value);
  });

  it('keeps the numerals of names', () => {
    expect(elementValue('road', '文一路')).toBe('文一路');
    expect(elementValue('road', '三组')).toBe('3组');
  });
});

describe('compare', () => {
  it('finds two writings of one address the same', () => {
    const outcome = compare(
      canonical('慈溪市浒山街道环城南路129号12号楼').parts,
      canonical('环城南路１２９号十二幢').parts,
    );
    expect(outcome.compatible).toBe(true);
    expect(outcome.score).toBe(1);
    expect(outcome.elements.find((one) => one.label === 'town')?.agreement).toBe('omitted');
  });

  it('says what contradicts, in both languages', () => {
    const outcome = compare(canonical('环城南路129号').parts, canonical('环城南路131号').parts);
    expect(outcome.compatible).toBe(false);
    expect(outcome.score).toBe(0.5);
    expect(outcome.elements.find((one) => one.label === 'roadno')).toMatchObject({
      agreement: 'different',
      zh: '门牌号矛盾：129号 / 131号',
      en: 'number on the road contradictory: 129号 / 131号',
    });
  });

  it('is symmetric and full for an address and itself', () => {
    const parts = fc.dictionary(fc.constantFrom(...LABELS), fc.string({ minLength: 1, maxLength: 6 }), { maxKeys: 8 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(compare(a as Parts, b as Parts).score).toBe(compare(b as Parts, a as Parts).score);
        expect(compare(a as Parts, a as Parts).compatible).toBe(true);
      }),
    );
  });
});

describe('addressKeys', () => {
  it('are equal for two writings of one building', () => {
    const a = addressKeys(canonical('慈溪市浒山街道环城南路129号十二幢').parts);
    const b = addressKeys(canonical('环城南路１２９号12号楼301').parts);
    expect(a).toEqual({ roadNumber: ['环城南路|129'], building: ['环城南路|129|12'], poi: [] });
    expect(b.building).toEqual(a.building);
  });

  it('promise nothing for an address without a number', () => {
    expect(addressKeys(canonical('慈溪市环城南路').parts)).toEqual({ roadNumber: [], building: [], poi: [] });
  });
});
