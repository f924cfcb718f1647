/**
 * One day's changes: persons are linked in full, then 1 % of the records come, change or vanish and are taken in by `update`; at last a full run over
 * everything with frozen parameters, frequencies and large keys must give the same clusters with the same names.
 */
import { type DuckDBEngine, link, parseModel } from '../../packages/linkage/src/index.ts';
import { makePersons, personsModel } from './persons.ts';

const round = (x: number, digits = 2) => Number(x.toFixed(digits));

/** Measures; throws where the clusters differ. */
export async function incremental(engine: DuckDBEngine, persons: number): Promise<Record<string, unknown>> {
  await makePersons(engine, 'today', persons, 7);
  const part = `(hash(id || 'part') >> 1) % 1000`;
  // 0.5 % of the records are new, 0.4 % had another address and telephone yesterday, 0.1 % were there yesterday only.
  await engine.run(
    `CREATE OR REPLACE TABLE yesterday AS SELECT id, person, name, sex, idno, birth, CASE WHEN ${part} < 9 THEN '慈溪市旧路' || (hash(id) % 9000) || '号' ELSE address END AS address, CASE WHEN ${part} < 9 THEN '139' || lpad(CAST((hash(id) >> 8) % 100000000 AS VARCHAR), 8, '0') ELSE phone END AS phone FROM today WHERE ${part} >= 5
     UNION ALL SELECT 'x' || id, person, name, sex, idno, birth, address, phone FROM today WHERE ${part} = 9`,
  );
  await engine.run(`CREATE OR REPLACE TABLE came AS SELECT * FROM today WHERE ${part} < 9`);
  const lost = await engine.rows<{ id: string }>(`SELECT id FROM yesterday WHERE id LIKE 'x%'`);
  const model = parseModel(personsModel('yesterday'));
  const cpu = (from: NodeJS.CpuUsage) => {
    const used = process.cpuUsage(from);
    return (used.user + used.system) / 1e6;
  };
  let start = process.cpuUsage();
  const linkage = await link(model, { engine });
  const full = { seconds: round(linkage.summary.seconds), cpuSeconds: round(cpu(start)) };
  const ran = linkage.steps.length;
  start = process.cpuUsage();
  const done = await linkage.update([{ name: 'persons', relation: 'came' }], { vanished: lost });
  const day = { ...done, seconds: round(done.seconds), cpuSeconds: round(cpu(start)) };
  const steps = linkage.steps.slice(ran).sort((a, b) => b.cpu - a.cpu);
  await engine.run('CREATE TABLE after_day AS SELECT src, uid, cluster FROM linkage.clusters');
  await link(parseModel(personsModel('today')), { engine, parameters: linkage.parameters, use: 'frozen' });
  const [differ] = await engine.rows<{ n: number }>(
    `SELECT count(*) AS n FROM after_day AS a FULL JOIN linkage.clusters AS b ON a.src = b.src AND a.uid = b.uid WHERE a.cluster IS DISTINCT FROM b.cluster`,
  );
  if (process.env.STEPS) for (const x of steps.slice(0, 30)) console.log(x.cpu.toFixed(3), x.name);
  return {
    records: linkage.summary.records,
    full,
    day,
    ratio: round(day.seconds / full.seconds, 4),
    cpuRatio: round(day.cpuSeconds / full.cpuSeconds, 4),
    recordsInOtherClustersThanAFullRun: differ!.n,
  };
}
