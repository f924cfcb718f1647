import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpusHalves, measure } from './corpus-testing.ts';
import { AddressError, LABELS, parse } from './index.ts';

const read = (text: string): string =>
  parse(text)
    .filter((one) => one.label !== 'redundant')
    .map((one) => `${one.label}=${one.text}`)
    .join(' ');

/** Pieces of addresses, so that random texts look like addresses. */
const pieces = fc.constantFrom(
  ...'浙江省 宁波市 慈溪市 浒山街道 观海卫镇 杨家村 环城南路 文一路 12弄 129号 29-37号 水岸华庭 花园 小区 十二幢 B座 3单元 三楼 301室 301 - _ （ ） ( 电联 门口 一 号 路 市 A 7 第 附3 # 地下 负 东 、 。 😀 '.split(
    ' ',
  ),
  ' ',
  '１２',
);
const addressLike = fc.array(pieces, { maxLength: 20 }).map((all) => all.join(''));
const anyText = fc.oneof(addressLike, fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));

const wide = (text: string): string =>
  text.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)).replace(/ /g, '\u3000');

describe('parse', () => {
  it.each([
    [
      '浙江省宁波市慈溪市浒山街道环城南路129号水岸华庭12幢3单元301室',
      'province=浙江省 city=宁波市 district=慈溪市 town=浒山街道 road=环城南路 roadno=129号 poi=水岸华庭 houseno=12幢 cellno=3单元 roomno=301室',
    ],
    ['慈溪市杨家村23号', 'district=慈溪市 community=杨家村 roadno=23号'],
    ['中山东路1号', 'road=中山东路 roadno=1号'],
    ['金色家园12-3-1001', 'poi=金色家园 houseno=12 cellno=3 roomno=1001'],
    [
      '北京市东城区东中街29号东环广场B座5层',
      'city=北京市 district=东城区 road=东中街 roadno=29号 poi=东环广场 houseno=B座 floorno=5层',
    ],
    ['江三路238号1613室', 'road=江三路 roadno=238号 roomno=1613室'],
    ['长乐路12号门口', 'road=长乐路 roadno=12号 assist=门口'],
    ['', ''],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('tells the codes of divisions', () => {
    expect(parse('宁波市慈溪市')[1]?.codes?.[0]).toBe('330282');
  });

  it('is surer of a whole name than of a guess', () => {
    const sure = parse('浙江省宁波市环城南路129号')[0]!.confidence;
    const unsure = Math.min(...parse('大关南三苑78号育才').map((one) => one.confidence));
    expect(sure).toBeGreaterThan(0.95);
    expect(unsure).toBeLessThan(0.9);
  });

  it('takes elements that cover the text in order without overlap, whatever the text', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, confidence) => {
        const elements = parse(text, { confidence });
        let at = 0;
        for (const one of elements) {
          expect(one.start).toBe(at);
          expect(one.end).toBeGreaterThan(one.start);
          expect(one.text).toBe(text.slice(one.start, one.end));
          expect(LABELS).toContain(one.label);
          expect(one.confidence).toBeGreaterThanOrEqual(0.5);
          expect(one.confidence).toBeLessThanOrEqual(1);
          at = one.end;
        }
        expect(at).toBe(text.length);
      }),
      { numRuns: 1500 },
    );
  });

  it('reads full width like half width', () => {
    fc.assert(
      fc.property(addressLike, (text) => {
        const shape = (all: ReturnType<typeof parse>) => all.map((one) => [one.label, one.start, one.end, one.value]);
        expect(shape(parse(wide(text)))).toEqual(shape(parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  it('does the same at every call, whatever was parsed before', () => {
    fc.assert(
      fc.property(addressLike, anyText, (text, between) => {
        const first = parse(text);
        parse(between);
        expect(parse(text)).toEqual(first);
      }),
    );
  });

  it('visits candidates in proportion to the length: ten thousand characters are one call like any other', () => {
    for (const unit of ['号', '1', 'A', '一', '路', '村', '浒山街道', '（', '12-', '省市区县', '中', '3楼']) {
      const text = unit.repeat(Math.ceil(10_000 / unit.length));
      const elements = parse(text);
      expect(elements.at(-1)?.end).toBe(text.length);
    }
  });

  it('refuses what is no text with a code in two languages', () => {
    const call = () => parse(undefined as never);
    expect(call).toThrow(AddressError);
    try {
      call();
    } catch (error) {
      expect((error as AddressError).code).toBe('addresses.not-text');
      expect((error as AddressError).zh).toBe('地址必须是文本');
    }
  });
});

describe('on marked addresses of a corpus', () => {
  const corpus = corpusHalves();
  it.skipIf(!corpus && process.env.CI !== 'true')('reaches an F1 of 0.82', () => {
    expect(corpus).toBeDefined();
    expect(measure(corpus!.even)).toBeGreaterThan(0.82);
    expect(measure(corpus!.odd)).toBeGreaterThan(0.82);
  });
});
