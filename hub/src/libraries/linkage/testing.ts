/** For tests: a small town whose rows are drawn from a seed, as two registers and an insurer would deliver it. */
import { citizenId } from '@jingwei/codes';
import type { Lake } from '../../platform/lake/index.ts';
import type { TestRun } from '../../refinery/testing.ts';
import type { declared } from '../base/testing.ts';
import { seal, tokenOf } from '../base/testing.ts';

const surnames = [...'王李张刘陈杨黄赵吴周徐孙马朱胡'];
const given = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玲'];
const roads = ['新城路', '开发路', '孙塘北路', '三北大街', '青少年宫路'];

/** A generator of numbers below n that always tells the same. */
export function drawing(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** One inhabitant. */
export interface Inhabitant {
  id: string;
  name: string;
  birth: string;
  sex: string;
  home: string;
}

/** Inhabitants of the town. */
export function inhabitants(n: number, seed = 7): Inhabitant[] {
  const draw = drawing(seed);
  const pick = <T>(list: readonly T[]) => list[draw(list.length)]!;
  return Array.from({ length: n }, (_, i) => ({
    id: citizenId.generate(1000 + i),
    name: `${pick(surnames)}${pick(given)}${draw(4) === 0 ? '' : pick(given)}`,
    birth: `${1940 + draw(70)}-${String(1 + draw(12)).padStart(2, '0')}-${String(1 + draw(28)).padStart(2, '0')}`,
    sex: pick(['男', '女']),
    home: `慈溪市浒山街道${pick(roads)}${1 + draw(90)}号金色家园${1 + draw(6)}幢${1 + draw(6)}0${1 + draw(4)}室`,
  }));
}

const other = (draw: (n: number) => number, text: string): string => {
  const at = 1 + draw(text.length - 1);
  return text.slice(0, at) + given[draw(given.length)]! + text.slice(at + 1);
};

/** Runs of a day: registers say who there is; of the insured some have no number, and of those some a mistaken name or birth. */
export function town(
  of: Awaited<ReturnType<typeof declared>>,
  people: readonly Inhabitant[],
  first: number,
  seed: number,
  numbered = 0.6,
): TestRun[] {
  const source = (id: string) => of.sources.find((s) => s.declaration.id === id)!;
  const draw = drawing(seed);
  return [
    {
      run: first,
      source: source('gaj.resident-register'),
      rows: people.map((p, i) => ({
        hk_id: `H${first}-${i}`,
        nm: p.name,
        id_no: tokenOf('citizen-id', p.id),
        sex: p.sex,
        birth_dt: p.birth,
        hk_addr: p.home,
        stat: '正常',
        reg_dt: '2010-01-01',
      })),
    },
    {
      run: first + 1,
      source: source('ybj.insured-person'),
      rows: people.map((p, i) => {
        const known = draw(1000) < 1000 * numbered;
        const wrong = draw(4);
        return {
          ins_no: `Y${first}-${i}`,
          nm: wrong === 1 || (!known && wrong === 3) ? other(draw, p.name) : p.name,
          id_no: known ? tokenOf('citizen-id', p.id) : null,
          sex: p.sex,
          birth_dt: wrong === 2 ? `${p.birth.slice(0, 8)}${String(1 + draw(28)).padStart(2, '0')}` : p.birth,
          addr: wrong === 1 && draw(2) === 0 ? p.home.replace(/\d室$/, '9室') : p.home,
          start_dt: '2015-01-01',
        };
      }),
    },
  ] as TestRun[];
}

/** Puts the town's numbers into the vault. */
export const sealTown = (lake: Lake, people: readonly Inhabitant[]): Promise<void> =>
  seal(
    lake,
    'citizen-id',
    people.map((p) => p.id),
  );
