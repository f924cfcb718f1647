/**
 * Data for the benches of lists and verification, made in SQL from row numbers, so that two runs are of the same data: a
 * population library in its own tables (lib.base_*, the vault), records that speak of its people, and a department's list.
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseTables, baseViews, libraryDeclaration } from '../../hub/src/libraries/base/index.ts';
import { listTables } from '../../hub/src/libraries/lists/index.ts';
import { verifyTables } from '../../hub/src/libraries/verify/index.ts';
import { systemClock } from '../../hub/src/platform/clock.ts';
import { readYaml } from '../../hub/src/platform/declared/index.ts';
import { type Lake, literal, openDuckDbLake } from '../../hub/src/platform/lake/index.ts';
import { Vault } from '../../hub/src/platform/vault/index.ts';

/** How much is made. */
export interface Sizes {
  people: number;
  records: number;
  /** Rows of the department's list. */
  rows: number;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The lake of the bench. */
export const openLake = (folder: string): Promise<Lake> =>
  openDuckDbLake({
    path: join(folder, 'lake.duckdb'),
    tempDirectory: join(folder, 'temp'),
    memoryMiB: 6144,
    threads: 2,
  });

/** Its vault, with keys of its own. */
export const openVault = (lake: Lake, folder: string): Promise<Vault> =>
  Vault.open({
    lake,
    keys: join(folder, 'keys'),
    audit: { append: async () => undefined } as never,
    clock: systemClock,
  });

/** The department's list. */
export const listFile = (folder: string): string => join(folder, 'list.csv');

/** A number below n out of a row's number and a salt below 64; one hash of both, since hashes of lists of values hang together. */
const draw = (i: string, salt: number, n: number) => `(hash((${i}) * 64 + ${salt}) % ${n})::INTEGER`;
const oneOf = (i: string, salt: number, words: string) =>
  `[${[...words].map((w) => `'${w}'`).join(', ')}][1 + ${draw(i, salt, words.length)}]`;
const name = (i: string) =>
  `${oneOf(i, 1, '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗')} || ${oneOf(i, 2, '伟芳娜敏静丽强磊军洋勇艳杰涛明超兰霞平刚')} || ${oneOf(i, 3, '伟芳娜敏静丽强磊军洋勇艳杰涛明超兰霞平刚')}`;
const birth = (i: string) => `(DATE '1935-01-01' + ((${i}) % 33000)::INTEGER)`;
/** An identity number (GB 11643) of the person `i`, check digit and all; no two of fewer than 33 million are the same. */
const number = (i: string) => {
  const body = `'330282' || strftime(${birth(i)}, '%Y%m%d') || lpad(((${i}) // 33000)::VARCHAR, 3, '0')`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.map((w, n) => `${w} * substr(b, ${n + 1}, 1)::INTEGER`).join(' + ');
  return `list_transform([${body}], lambda b: b || substr('10X98765432', 1 + (${sum}) % 11, 1))[1]`;
};
const town = (i: string) => `'330282' || lpad((2 + ${draw(i, 5, 20)})::VARCHAR, 3, '0')`;
const address = (i: string) =>
  `'慈溪市' || ${oneOf(i, 6, '甲乙丙丁戊己')} || '镇' || ${oneOf(i, 7, '东西南北中')} || '路' || ${draw(i, 8, 900)} || '号' || ${draw(i, 9, 60)} || '室'`;

/** What every person's golden record says, by attribute; an empty value is not said. */
const said: Record<string, string> = {
  name: name('i'),
  sex: `CASE ${draw('i', 10, 2)} WHEN 0 THEN '男' ELSE '女' END`,
  birth: `${birth('i')}::VARCHAR`,
  kind: `CASE WHEN ${draw('i', 13, 3)} = 0 THEN '流动人口' ELSE '户籍人口' END`,
  status: `CASE WHEN ${draw('i', 11, 100)} = 0 THEN '死亡' WHEN ${draw('i', 12, 100)} = 0 THEN '迁出' ELSE '正常' END`,
  address: address('i'),
  'registered-address': address('i'),
  division: town('i'),
  phone: `CASE WHEN ${draw('i', 14, 3)} > 0 THEN 'p~' || substr(translate(md5(i::VARCHAR), '0123456789', 'ghijklmnop'), 1, 26) ELSE '' END`,
  insurance: `CASE WHEN ${draw('i', 15, 10)} > 1 THEN '城乡居民' ELSE '' END`,
  'relation-to-head': `CASE ${draw('i', 16, 3)} WHEN 0 THEN '户主' WHEN 1 THEN '配偶' ELSE '子女' END`,
};

/** Makes everything in `folder`; what was there of an earlier bench is gone. */
export async function make(folder: string, sizes: Sizes): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const lake = await openLake(folder);
  const vault = await openVault(lake, folder);
  const declarations = ['person', 'household', 'building', 'dwelling'].flatMap((name) => {
    const file = `libraries/${name}/library.yaml`;
    return readYaml(join(root, file), file, libraryDeclaration).value ?? [];
  });
  const person = declarations.find((d) => d.library === 'person')!;
  const places = person.attributes.map((a) => said[a.name] ?? "''");
  await lake.define([
    'CREATE SCHEMA IF NOT EXISTS raw',
    'CREATE SCHEMA IF NOT EXISTS v',
    ...listTables,
    ...verifyTables,
    ...baseTables,
    // No legal persons here: what the libraries' views read of them is empty.
    'CREATE VIEW v.legal_person_v1 AS SELECT 0 AS entity, NULL::VARCHAR AS uscc WHERE false',
    `CREATE VIEW v.legal_person_relation_v1 AS SELECT 0 AS entity, '' AS kind, '' AS position, 0::SMALLINT AS class, 0::BIGINT AS fact,
       NULL::DATE AS valid_from, '' AS person_token WHERE false`,
    ...baseViews(declarations),
    `CREATE TABLE raw.number AS SELECT i, ${number('i')} AS number FROM range(${sizes.people}) t(i)`,
  ]);
  await lake.session(async (s) => {
    await vault.stageTokens(s, 'citizen-id', 'SELECT number FROM raw.number', 'tokens');
    const n = person.number;
    await s.run(`INSERT INTO lib.base_entity SELECT ${n}, r.i + 1, t.token, (1::BIGINT << 32) + r.i
      FROM raw.number r JOIN tokens t ON t.original = r.number ORDER BY r.i`);
    await s.run(`INSERT INTO lib.base_record SELECT ${n}, i + 1, 4, 3, 0, 0.6, 1, 1 FROM range(${sizes.people}) t(i)`);
    await s.run(`INSERT INTO lib.base_value
      SELECT ${n}, entity, attribute, value, 1, (1::BIGINT << 32) + entity, false
      FROM (SELECT i + 1 AS entity, unnest([${places.join(', ')}]) AS value, generate_subscripts([${places.join(', ')}], 1) AS attribute
            FROM range(${sizes.people}) t(i)) WHERE value <> '' ORDER BY entity, attribute`);
    // Records of class 7, as they come: by time, of anybody.
    await s.run(`INSERT INTO lib.base_link SELECT ${n}, 9, (2::BIGINT << 32) + i, 1 + ${draw('i', 20, sizes.people)}, 'key', NULL, NULL
      FROM range(${sizes.records}) t(i)`);
    await s.run(`INSERT INTO lib.base_mention SELECT ${n}, 9, 7, (2::BIGINT << 32) + i, DATE '2024-01-01' + (i * 1000 // ${sizes.records})::INTEGER,
      false, NULL, NULL, NULL, NULL, NULL FROM range(${sizes.records}) t(i)`);
  });
  await vault.close();
  await lake.define([
    // One in twenty has no number, one in a hundred one that nobody knows; names, days and addresses differ now and then.
    `COPY (SELECT i + 1 AS 序号,
         CASE WHEN ${draw('i', 30, 20)} = 0 THEN NULL WHEN ${draw('i', 31, 100)} = 0 THEN ${number(`(${sizes.people} + i)`)} ELSE ${number('p')} END AS 身份证号,
         CASE WHEN ${draw('i', 32, 50)} = 0 THEN '某' || ${name('p')} ELSE ${name('p')} END AS 姓名,
         CASE WHEN ${draw('i', 33, 100)} = 0 THEN ${birth('p')} + 1 ELSE ${birth('p')} END AS 出生日期,
         CASE ${draw('p', 10, 2)} WHEN 0 THEN '男' ELSE '女' END AS 性别,
         CASE WHEN ${draw('i', 34, 30)} = 0 THEN ${address('p')} || '附' ELSE '浙江省宁波市' || ${address('p')} END AS 住址
       FROM (SELECT i, ${draw('i', 35, sizes.people)} AS p FROM range(${sizes.rows}) t(i)))
     TO ${literal(listFile(folder))} (FORMAT csv, HEADER)`,
    'CHECKPOINT',
  ]);
  await lake.close();
  const mib = (path: string) => Math.round(statSync(path).size / 2 ** 20);
  process.stdout.write(`lake ${mib(join(folder, 'lake.duckdb'))} MiB, list ${mib(listFile(folder))} MiB\n`);
}
