import { DuckDBInstance } from '@duckdb/node-api';

const inst = await DuckDBInstance.create('/tmp/jw/gateway/probe2.db', { threads: '2', memory_limit: '3000MiB' });
const c = await inst.connect();
const make = (name: string) =>
  `CREATE OR REPLACE TABLE ${name} AS SELECT ('0x'||substr(sha256('m:'||i),1,15))::BIGINT AS _n, substr(sha256('m:'||i),1,20) AS _record, ('0x'||substr(sha256('K'||i),1,15))::BIGINT AS _k, 'K'||i AS uscc, '企业'||i AS name, DATE '2020-01-01'+(i%1000)::INT AS d, (i*1.5)::DECIMAL(18,4) AS fee, 'addr'||i AS a, 'x'||(i%7) AS b, 'y'||i AS p FROM range(1000000) r(i) ORDER BY _n`;
await c.run(make('t'));
await c.run('CREATE INDEX ik ON t(_k)');
await c.run('CHECKPOINT');
await c.run("PRAGMA force_compression='uncompressed'");
await c.run(make('u'));
await c.run('CREATE INDEX iu ON u(_k)');
await c.run(
  "CREATE TABLE js AS SELECT _k, to_json({'r':_record,'uscc':uscc,'name':name,'d':d,'fee':fee::VARCHAR,'a':a,'b':b,'p':p})::VARCHAR AS j FROM t ORDER BY _k",
);
await c.run('CREATE INDEX ij ON js(_k)');
await c.run('CHECKPOINT');
const keys = (await (await c.run(`SELECT _k FROM t USING SAMPLE 20000`)).getRows()).map((r) => r[0] as bigint);
let j = 0;
const next = () => keys[j++ % keys.length]!;
async function time(label: string, n: number, per: number, f: () => Promise<unknown>) {
  const c0 = process.cpuUsage();
  const t = performance.now();
  for (let i = 0; i < n; i++) await f();
  const ms = performance.now() - t;
  const cpu = process.cpuUsage(c0);
  console.log(
    label,
    (((n * per) / ms) * 1000).toFixed(0),
    '/s',
    (ms / n).toFixed(3),
    'ms/q cpu',
    ((cpu.user + cpu.system) / 1000 / n).toFixed(3),
  );
}
for (const [tab, cols] of [
  ['t', '_k'],
  ['t', '*'],
  ['t', '_k,uscc'],
  ['u', '_k'],
  ['u', '*'],
  ['js', '_k'],
  ['js', '*'],
] as const) {
  const p = await c.prepare(`SELECT ${cols} FROM ${tab} WHERE _k = $1`);
  await time(`prepared eq ${tab} ${cols}`, 1000, 1, async () => {
    p.bindBigInt(1, next());
    const r = await p.run();
    const rows = await r.getRows();
    if (rows.length !== 1) throw 1;
  });
  for (const n of [16, 64]) {
    const q = await c.prepare(
      `SELECT ${cols} FROM ${tab} WHERE _k IN (${Array.from({ length: n }, (_, i) => '$' + (i + 1)).join(',')})`,
    );
    await time(`prepared IN ${n} ${tab} ${cols}`, 100, n, async () => {
      for (let i = 0; i < n; i++) q.bindBigInt(i + 1, next());
      const r = await q.run();
      const rows = await r.getRows();
      if (rows.length !== n) console.log(rows.length);
    });
  }
}
console.log((await (await c.run('EXPLAIN ANALYZE SELECT * FROM t WHERE _k = ' + next())).getRows())[0]![1]);
console.log(
  (
    await (
      await c.run('EXPLAIN ANALYZE SELECT * FROM t WHERE _k IN (' + [next(), next(), next(), next()].join(',') + ')')
    ).getRows()
  )[0]![1],
);
const mem = process.memoryUsage().rss / 1e6;
console.log(mem);
