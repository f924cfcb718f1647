import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flowLayout, heights, shortNames, thread } from './flow-layout.ts';

describe('the flow on the start page', () => {
  test('heights fill the column and stand for the rows', () => {
    expect(heights([3, 1], 100, 1)).toEqual([75, 25]);
    expect(heights([0, 0], 100, 1)).toEqual([0, 0]);
  });

  test('what exists is never thinner than the least, what does not exist has no height, and the column is full', () => {
    const holds = (rows: number[]) => {
      const result = heights(rows, 400, 4);
      const full = result.reduce((a, b) => a + b, 0);
      return (
        result.every((h, i) => (rows[i] === 0 ? h === 0 : h >= 4)) &&
        (rows.every((r) => r === 0) ? full === 0 : Math.abs(full - 400) < 1e-6)
      );
    };
    expect(holds([198, 1, 1, 1, 19501])).toBe(true);
    fc.assert(fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 14 }), holds), { numRuns: 2000 });
  });

  test('where there is no room for the least, all that exist are of one height', () => {
    expect(heights([5, 0, 1, 1], 9, 4)).toEqual([3, 0, 3, 3]);
  });

  test('every row that was received is in one node of each column', () => {
    const departments = Array.from({ length: 28 }, (_, i) => ({ id: `d${i}`, title: `d${i}`, rows: 1000 * (28 - i) }));
    const received = departments.reduce((a, d) => a + d.rows, 0);
    const { nodes, links } = flowLayout({
      width: 1200,
      height: 400,
      departments,
      others: (n) => `${n} others`,
      accepted: received - 300,
      quarantined: 200,
      duplicate: 100,
      linked: received - 1000,
      unlinked: 200,
      entities: 5,
      waiting: 300,
      apart: 150,
      withdrawing: 50,
    });
    const sum = (keys: RegExp) => nodes.filter((n) => keys.test(n.key)).reduce((a, n) => a + n.rows, 0);
    expect(sum(/^d-/)).toBe(received);
    expect(sum(/^received$/)).toBe(received);
    expect(sum(/^(accepted|quarantined|duplicate)$/)).toBe(received);
    expect(sum(/^(linked|unlinked|waiting|apart|withdrawing)$/)).toBe(received - 300);
    expect(nodes.find((n) => n.key === 'd-others')?.title).toBe('15 others');
    expect(sum(/^golden$/)).toBe(5);
    expect(links).toHaveLength(14 + 3 + 5 + 1);
    for (const node of nodes) expect(node.y + node.height).toBeLessThanOrEqual(400);
  });

  test('a thread is one closed shape', () => {
    expect(thread(0, 0, 10, 100, 20, 5)).toMatch(/^M0\.0 0\.0C.*Z$/);
  });

  test('names are shown without the city that all of them begin with, and are cut to the room', () => {
    expect(shortNames(['慈溪市公安局', '慈溪市税务局'], 20)).toEqual(['公安局', '税务局']);
    expect(shortNames(['Cixi Court', 'Cixi Customs'], 20)).toEqual(['Court', 'Customs']);
    expect(shortNames(['慈溪市公安局'], 20)).toEqual(['慈溪市公安局']);
    expect(shortNames(['甲乙丙丁戊己庚', '子'], 8)).toEqual(['甲乙丙…', '子']);
  });
});
