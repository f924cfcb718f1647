import { describe, expect, it } from 'vitest';
import { type AddressError, Matcher, type StandardAddress } from './index.ts';

const TABLE: StandardAddress[] = [
  { id: 'a', text: '慈溪市浒山街道环城南路129号', longitude: 121.24, latitude: 30.17 },
  { id: 'b', text: '慈溪市古塘街道环城南路129号' },
  { id: 'c', text: '慈溪市浒山街道五里村工业区320号' },
  { id: 'd12', text: '慈溪市浒山街道寺山路5号金色家园12幢' },
  { id: 'd13', text: '慈溪市浒山街道寺山路5号金色家园13幢' },
  { id: 'r1', text: '慈溪市浒山街道新城路8号1幢101室', building: 'n8' },
  { id: 'r2', text: '慈溪市浒山街道新城路8号1幢102室', building: 'n8' },
];
const matcher = new Matcher(TABLE, { within: '3302' });

describe('Matcher', () => {
  it('finds a number on a road with its coordinates, whatever stands behind', () => {
    const found = matcher.match('浙江省慈溪市浒山街道环城南路１２９号水岸华庭3幢301室');
    expect(found).toMatchObject({
      level: 'number',
      ambiguous: false,
      match: { id: 'a', longitude: 121.24, latitude: 30.17 },
    });
    expect(found.why?.compatible).toBe(true);
  });

  it('guesses none of several: they are listed', () => {
    const found = matcher.match('慈溪市环城南路129号');
    expect(found).toMatchObject({ level: 'number', ambiguous: true, count: 2 });
    expect(found.match).toBeUndefined();
    expect(found.candidates.map((one) => one.id)).toEqual(['a', 'b']);
  });

  it('tells buildings of one number apart', () => {
    expect(matcher.match('寺山路5号十三号楼').match?.id).toBe('d13');
    expect(matcher.match('金色家园12-1-301').match?.id).toBe('d12');
    expect(matcher.match('寺山路5号').ambiguous).toBe(true);
  });

  it('does not take another building of the estate', () => {
    const found = matcher.match('寺山路5号金色家园14幢');
    expect(found.match).toBeUndefined();
    expect(found.level).toBe('road');
  });

  it('does not take the same road of another town', () => {
    expect(matcher.match('慈溪市观海卫镇环城南路129号').match).toBeUndefined();
  });

  it('finds rooms, and the building where the room is not in the table', () => {
    expect(matcher.match('新城路8号1幢102室')).toMatchObject({ level: 'room', match: { id: 'r2' } });
    expect(matcher.match('新城路8号1幢')).toMatchObject({ match: { building: 'n8' } });
  });

  it('answers the road where the number is unknown, the village, the town, and nothing', () => {
    expect(matcher.match('慈溪市浒山街道环城南路131号')).toMatchObject({ level: 'road', count: 1 });
    expect(matcher.match('慈溪市五里村').level).toBe('community');
    expect(matcher.match('慈溪市浒山街道').level).toBe('town');
    expect(matcher.match('杭州市西湖区文一西路969号').level).toBe('none');
    expect(matcher.match('').level).toBe('none');
  });

  it('finds every address of its table by its own text, or says that it is not the only one', () => {
    for (const one of TABLE) {
      const found = matcher.match(one.text!);
      expect(found.match?.id).toBe(one.id);
    }
  });

  it.each<[string, StandardAddress[], string, number]>([
    ['addresses.id-missing', [{ id: '', text: '环城南路1号' }], '第1条标准地址没有编号', 1],
    [
      'addresses.id-twice',
      [
        { id: 'x', text: '环城南路1号' },
        { id: 'x', text: '环城南路2号' },
      ],
      '标准地址编号“x”重复',
      2,
    ],
    ['addresses.no-content', [{ id: 'x' }], '标准地址“x”既无文本也无要素', 1],
    [
      'addresses.coordinates',
      [{ id: 'x', text: '环城南路1号', longitude: 30, latitude: 121 }],
      '标准地址“x”的坐标不是经度（-180至180）和纬度（-90至90）',
      1,
    ],
  ])('refuses with %s', (code, table, zh, at) => {
    let thrown: unknown;
    try {
      new Matcher(table);
    } catch (error) {
      thrown = error;
    }
    expect(thrown as AddressError).toMatchObject({ code, zh, at });
  });
});
