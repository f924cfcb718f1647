import { expect, test } from 'vitest';
import { readTargets } from './targets.ts';

test('targets are read from a spreadsheet or typed lines, with their division', () => {
  expect(readTargets('张家\t330282101001\r\n\n李家，330282101002\n 王家 ')).toEqual({
    targets: [
      { title: '张家', division: '330282101001' },
      { title: '李家', division: '330282101002' },
      { title: '王家' },
    ],
    faults: [],
  });
});

test('a line without a name, too long or there twice is said with its number', () => {
  const { targets, faults } = readTargets(`甲\n,330282\n甲\n${'长'.repeat(201)}`);
  expect(targets).toEqual([{ title: '甲' }]);
  expect(faults.map((f) => f.line)).toEqual([2, 3, 4]);
  expect(readTargets(Array.from({ length: 5001 }, (_, i) => `户${i}`).join('\n')).faults).toHaveLength(1);
});
