import { describe, expect, it } from 'vitest';
import { provinceCodes } from './division-known.ts';
import {
  currentDivision,
  division,
  divisionAt,
  divisionChildren,
  divisionFullName,
  divisionParentCode,
  divisionPath,
  divisionPeriods,
  divisionSuccessors,
  findDivisions,
  stemOf,
} from './divisions.ts';

const names = (list: { name: string }[]) => list.map((one) => one.name);

describe('divisions with years', () => {
  it('knows 慈溪市, 镇海区 and 临沂市', () => {
    expect(divisionAt('330282')).toMatchObject({ name: '慈溪市', level: 'county', from: 1989, to: undefined });
    expect(divisionAt('330211')).toMatchObject({ name: '镇海区', from: 1985 });
    expect(divisionAt('371300')).toMatchObject({ name: '临沂市', level: 'city' });
  });

  it('has the 24 streets and towns of 慈溪, and those of the other counties of 宁波', () => {
    const towns = divisionChildren('330282');
    expect(towns).toHaveLength(24);
    expect(names(towns)).toContain('周巷镇');
    const all = divisionChildren('330200').flatMap((county) => divisionChildren(county.code));
    expect(divisionChildren('330200')).toHaveLength(10);
    expect(all).toHaveLength(162);
  });

  it('has the 12 counties of 临沂', () => {
    const table = divisionChildren('371300').filter((one) => !one.statistical);
    expect(table).toHaveLength(12);
  });

  it('answers by year: a code means what it meant then', () => {
    expect(divisionAt('330222', 1985)?.name).toBe('慈溪县');
    expect(divisionAt('330222', 1995)).toBeUndefined();
    expect(divisionAt('330282', 1985)).toBeUndefined();
    expect(divisionPeriods('330402').map((one) => [one.name, one.from, one.to])).toEqual([
      ['城区', 1983, 1992],
      ['秀城区', 1993, 2004],
      ['南湖区', 2005, undefined],
    ]);
    expect(divisionAt('330402', 2000)?.name).toBe('秀城区');
  });

  it('walks to the parents and writes the full name without collective entries', () => {
    expect(names(divisionPath('330282'))).toEqual(['浙江省', '宁波市', '慈溪市']);
    expect(divisionFullName('330282121')).toBe('浙江省宁波市慈溪市周巷镇');
    expect(divisionFullName('110105')).toBe('北京市朝阳区');
    expect(divisionFullName('429004')).toBe('湖北省仙桃市');
    expect(divisionFullName('330201')).toBe('浙江省宁波市');
    expect(divisionFullName('999999')).toBeUndefined();
    expect(divisionParentCode('330282121')).toBe('330282');
    expect(divisionParentCode('330000')).toBeUndefined();
  });

  it('finds by name with and without suffix, a full suffix being binding', () => {
    expect(findDivisions('慈溪市')[0]?.code).toBe('330282');
    expect(findDivisions('慈溪')[0]?.code).toBe('330282');
    expect(findDivisions('慈溪县').every((one) => one.name === '慈溪县')).toBe(true);
    expect(findDivisions('慈溪', { year: 1986 }).map((one) => one.code)).toEqual(['330222']);
    expect(findDivisions('朝阳区', { within: '11' })[0]?.code).toBe('110105');
    expect(findDivisions('浙江')[0]?.code).toBe('330000');
    expect(findDivisions('没有这个地方')).toEqual([]);
  });

  it('takes suffixes off but never leaves a single character', () => {
    expect(stemOf('景宁畲族自治县')).toBe('景宁');
    expect(stemOf('广西壮族自治区')).toBe('广西');
    expect(stemOf('香港特别行政区')).toBe('香港');
    expect(stemOf('沙县')).toBe('沙县');
    expect(stemOf('宗汉街道')).toBe('宗汉');
  });

  it('follows successors to today', () => {
    expect(currentDivision('330222')?.code).toBe('330282');
    expect(currentDivision('330227')?.code).toBe('330212');
    expect(currentDivision('330204')?.name).toBe('鄞州区');
    expect(currentDivision('330283')?.name).toBe('奉化区');
    expect(currentDivision('330103')?.name).toBe('拱墅区');
    expect(currentDivision('330402')?.name).toBe('南湖区');
    expect(divisionSuccessors(divisionAt('330282')!)).toEqual([]);
  });

  it('keeps every entry in order: years forward, periods of one code apart, a province for all', () => {
    let entries = 0;
    for (const province of provinceCodes().filter((code) => code !== '83')) {
      expect(divisionAt(`${province}0000`)?.level).toBe('province');
      for (let rest = 0; rest <= 9999; rest++) {
        const periods = divisionPeriods(province + String(rest).padStart(4, '0'));
        entries += periods.length;
        periods.forEach((one, i) => {
          if (one.from !== undefined && one.to !== undefined) expect(one.from).toBeLessThanOrEqual(one.to);
          const before = periods[i - 1];
          if (before) expect(before.to).toBeLessThanOrEqual(one.from!);
        });
      }
    }
    expect(entries).toBe(7271);
  });

  it('explains a code that is not known, or not then', () => {
    expect(division.explain('330282', { year: 1985 })).toMatchObject([
      { code: 'codes.division-not-then', expected: '1985' },
    ]);
    expect(division.explain('339999')).toMatchObject([{ code: 'codes.division' }]);
    expect(division.explain('33028')).toMatchObject([{ code: 'codes.length', zh: '长度应为6或9位，实为5位' }]);
    expect(division.explain('33028A')).toMatchObject([{ code: 'codes.character', at: 6 }]);
    expect(division.generate(5, { within: '3302' }).slice(0, 4)).toBe('3302');
  });
});
