import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lake } from '../platform/lake/index.ts';
import { codes, type Day, match, openRefinery, orgcodes, regnos, runsOf } from './fixture.ts';

let lake: Lake;
beforeEach(async () => {
  lake = await openRefinery();
});
afterEach(async () => {
  await lake.close();
});

/** Matches days one after the other. */
async function days(...all: Day[]): Promise<void> {
  const runs = all.map(runsOf);
  for (const i of runs.keys()) await match(lake, runs.slice(0, i + 1));
}

const [one, two, three, , sameOrganisation] = codes as [string, string, string, string, string];
const [reg] = regnos as [string];

/** Code or key of whose the identification with this name is, and how it was found. */
const links = async (name: string) =>
  lake.query<{ who: string | null; method: string | null }>(
    `SELECT coalesce(e.uscc, e.key) AS who, coalesce(l.method, p.method) AS method FROM rf.pair p LEFT JOIN rf.row_link l ON l.pair = p.pair
     LEFT JOIN rf.entity e ON e.entity = coalesce(l.entity, p.entity) WHERE p.clean_name = $name ORDER BY p.fact`,
    { name },
  );
const known = () => lake.query(`SELECT entity, coalesce(uscc, regno, orgcode) AS who FROM v.entity_v1 ORDER BY entity`);

test('a former name is withdrawn when the row that told it is no longer believed', async () => {
  const first: Day = {
    market: [{ code: one, name: '慈溪市宏达电器有限公司' }],
    change: [{ name: '慈溪市宏达电器有限公司', was: '慈溪市老牌灯具厂' }],
    penalty: [{ name: '慈溪市老牌灯具厂' }],
  };
  await days(first);
  expect(await links('慈溪市老牌灯具厂')).toEqual([{ who: one, method: 'former-name-alone' }]);
  await match(lake, [runsOf(first, 0), runsOf({ market: [{ code: two, name: '慈溪市宏达电器有限公司' }] }, 1)]);
  expect(await links('慈溪市老牌灯具厂')).toEqual([{ who: null, method: null }]);
  expect(await lake.query("FROM rf.alias WHERE kind = 'former'")).toEqual([]);
});

test('a former name that two rows tell stays while one of them is believed', async () => {
  await days(
    {
      market: [{ code: one, name: '慈溪市宏达电器有限公司' }],
      change: [
        { name: '慈溪市宏达电器有限公司', was: '慈溪市老牌灯具厂' },
        { code: one, name: '慈溪市宏达电器有限公司', was: '慈溪市老牌灯具厂' },
      ],
      penalty: [{ name: '慈溪市老牌灯具厂' }],
    },
    { market: [{ code: two, name: '慈溪市宏达电器有限公司' }] },
  );
  expect(await links('慈溪市老牌灯具厂')).toEqual([{ who: one, method: 'former-name-alone' }]);
});

test('a former name does not make another former name believed, on whichever day it is told', async () => {
  const market = [{ code: one, name: '慈溪市宏达电器有限公司' }];
  const near = { code: one, name: '慈溪市宏达电器有限公司', was: '慈溪市老牌灯具厂' };
  const far = { code: one, name: '慈溪市老牌灯具厂', was: '慈溪市公牛塑料制品厂' };
  await days({ market, change: [near] }, { change: [far], penalty: [{ name: '慈溪市公牛塑料制品厂' }] });
  expect(await links('慈溪市公牛塑料制品厂')).toEqual([{ who: null, method: null }]);
});

test('a code that was not believed beside another name is looked at again when its owner is renamed like it', async () => {
  const before: Day = {
    market: [
      { code: one, name: '慈溪市公牛塑料制品厂' },
      { code: two, name: '慈溪市宏大电器有限公司' },
    ],
    penalty: [{ code: one, name: '慈溪市宏大电器有限公司' }],
  };
  await days(before);
  expect(await links('慈溪市宏大电器有限公司')).toContainEqual({ who: two, method: 'name-despite-code' });
  await match(lake, [runsOf(before, 0), runsOf({ market: [{ code: one, name: '慈溪市宏达电器有限公司' }] }, 1)]);
  expect(await links('慈溪市宏大电器有限公司')).toEqual([
    { who: two, method: 'code-and-name' },
    { who: null, method: null },
  ]);
});

test('a unified code is looked at again when the organisation code inside it becomes known', async () => {
  const before: Day = {
    market: [{ code: two, name: '慈溪市宏大电器有限公司' }],
    penalty: [{ code: sameOrganisation, name: '慈溪市宏大电器有限公司' }],
  };
  await days(before);
  expect(await links('慈溪市宏大电器有限公司')).toContainEqual({ who: two, method: 'name-alone' });
  await match(lake, [runsOf(before, 0), runsOf({ market: [{ code: one, name: '慈溪市宏达电器有限公司' }] }, 1)]);
  expect(await links('慈溪市宏大电器有限公司')).toContainEqual({ who: null, method: null });
});

test('a shortened name beside a mistyped code is found when the owner of the code gets the long name', async () => {
  const mistyped = `${one.slice(0, 16)}${one[16] === '7' ? '8' : '7'}${one[17]}`;
  await days(
    {
      market: [{ code: one, name: '慈溪市公牛塑料制品厂' }],
      penalty: [{ code: mistyped, name: '慈溪市宏达电器' }],
    },
    { market: [{ code: one, name: '慈溪市宏达智能家用电器有限公司' }] },
  );
  expect(await links('慈溪市宏达电器')).toEqual([{ who: one, method: 'similar-name-and-code' }]);
});

test('names are compared anew when most of them begin with another place than before', async () => {
  await days(
    {
      market: [
        { code: one, name: '慈溪宏达电器有限公司' },
        ...['甲', '乙', '丙', '丁', '戊'].map((n) => ({ code: two, name: `杭州${n}天贸易有限公司` })),
      ],
      penalty: [{ code: one, name: '宏大电器有限公司' }],
    },
    { market: ['甲', '乙', '丙', '丁', '戊', '己'].map((n) => ({ code: three, name: `慈溪${n}天贸易有限公司` })) },
  );
  expect(await links('宏大电器有限公司')).toEqual([{ who: one, method: 'code-and-similar-name' }]);
});

test('a legal person known by its registration number keeps its id when its unified code comes', async () => {
  await days(
    { market: [{ reg, name: '慈溪市宏达电器有限公司' }], penalty: [{ name: '慈溪市宏达电器有限公司' }] },
    { market: [{ code: one, reg, name: '慈溪市宏达电器有限公司' }] },
  );
  expect(await known()).toEqual([{ entity: 1, who: one }]);
  expect(await links('慈溪市宏达电器有限公司')).toContainEqual({ who: one, method: 'name-alone' });
});

test('two legal persons turn out to be one when a register names the code of one beside the number of the other', async () => {
  await days(
    {
      market: [
        { code: one, name: '慈溪市宏达电器有限公司' },
        { reg, name: '慈溪市老牌灯具厂' },
      ],
      penalty: [{ name: '慈溪市老牌灯具厂' }],
    },
    { market: [{ code: one, reg, name: '慈溪市宏达电器有限公司' }] },
  );
  expect(await known()).toEqual([{ entity: 1, who: one }]);
  expect(await links('慈溪市老牌灯具厂')).toContainEqual({ who: one, method: 'name-alone' });
  // The id that stood for the other is not given again.
  await match(lake, [[], [], runsOf({ market: [{ code: two, name: '慈溪市小吃店' }] }, 2)]);
  expect(await known()).toContainEqual({ entity: 3, who: two });
});

test("a registration number that two unified codes claim is nobody's, and makes nobody one", async () => {
  await days(
    { market: [{ reg, name: '慈溪市宏达电器有限公司' }] },
    {
      market: [
        { code: one, reg, name: '慈溪市公牛塑料制品厂' },
        { code: two, reg, name: '慈溪市小吃店' },
      ],
    },
  );
  expect((await known()).map((k) => k.who)).toEqual([one, two]);
  expect(await links('慈溪市宏达电器有限公司')).toEqual([{ who: null, method: null }]);
});

test('an organisation code is not lost to a row that came before the one it belongs to', async () => {
  await days(
    { market: [{ org: orgcodes[0]!, name: '慈溪市老牌灯具厂' }] },
    { market: [{ reg, org: orgcodes[0]!, name: '慈溪市老牌灯具厂' }] },
    { market: [{ code: one, name: '慈溪市宏达电器有限公司' }] },
  );
  expect((await known()).map((k) => k.who)).toEqual([one]);
});
