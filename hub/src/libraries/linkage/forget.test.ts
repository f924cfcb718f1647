import { expect, test } from 'vitest';
import { exchangeTables } from '../../exchange/index.ts';
import { openDuckDbLake } from '../../platform/lake/index.ts';
import { refineryTables } from '../../refinery/index.ts';
import { baseTables } from '../base/tables.ts';
import { forgetFrequencies } from './forget.ts';
import { linkageTables } from './tables.ts';

test('rare values and names that only the person’s rows say go from every version; names that others have stay with their counts', async () => {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  try {
    await lake.define([...exchangeTables, ...refineryTables, ...baseTables, ...linkageTables]);
    const said = (fact: number, names: string[]) =>
      `INSERT INTO lib.base_mention (library, source, class, fact, anchor, said) VALUES (1, 1, 1, ${fact}, false, [${names.map((n) => `'${n}'`).join(', ')}])`;
    await lake.write('test', async (s) => {
      await s.run(
        "INSERT INTO ex.subject_row SELECT 3, 'gaj.class-1', 1, 0, f, f, 'accepted', true, [] FROM range(1, 4) r(f)",
      );
      await s.run(said(1, ['歐陽擎蒼', '甲路1号']));
      await s.run(said(2, ['阿不都·热合曼', '乙路2号']));
      await s.run(said(3, ['王伟', '']));
      await s.run(said(9, ['王伟', '丙路3号']));
      // Another spelling of the same name, of somebody else.
      await s.run(said(2, ['买买提·艾力']));
      await s.run(said(10, ['买买提艾力']));
      for (const version of [1, 2])
        for (const [name, v, n] of [
          ['freq0', '欧阳擎苍', 26],
          ['freq0', '阿不都热合曼', 4],
          ['freq0', '王伟', 7],
          ['freq0', '买买提艾力', 5],
          ['tok0', '欧阳擎苍', 9],
          ['freq0', '李少见', 3],
          ['freq0', '李常见', 4],
          ['freq3', '丁路4号', 2],
          ['tok1', '擎苍', 2],
        ])
          await s.run(`INSERT INTO lib.linkage_frequency VALUES (1, ${version}, '${name}', '${v}', ${n})`);
    });
    const left = () => lake.query('SELECT version, name, v, n FROM lib.linkage_frequency ORDER BY ALL');
    expect(await forgetFrequencies(lake, 3, ['歐陽擎蒼', '阿不都·热合曼', '王伟', '买买提·艾力'])).toBe(4);
    const stays = [1, 2].flatMap((version) => [
      { version, name: 'freq0', v: '买买提艾力', n: 5 },
      { version, name: 'freq0', v: '李常见', n: 4 },
      { version, name: 'freq0', v: '王伟', n: 7 },
      { version, name: 'tok0', v: '欧阳擎苍', n: 9 },
      { version, name: 'tok1', v: '擎苍', n: 2 },
    ]);
    expect(await left()).toEqual(stays);
    expect(await forgetFrequencies(lake, 3, ['歐陽擎蒼'])).toBe(0);
    expect(await forgetFrequencies(lake, 3, [])).toBe(0);
    expect(await left()).toEqual(stays);
  } finally {
    await lake.close();
  }
}, 60_000);
