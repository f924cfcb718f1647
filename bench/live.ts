/**
 * How cheaply the living city makes readings: 20,000 series, an hour by the minute, in batches of 500; by the clock and by the processor's time.
 *
 *   node --import tsx bench/live.ts [--out bench/results/live.json]
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { buildingsOf, eventDay, eventHistory, liveCity } from '@jingwei/synthcity';

const { values } = parseArgs({ options: { out: { type: 'string' } } });

/** Seconds of the clock and of the processor that a piece of work takes, and what it counted. */
function measured(name: string, unit: string, work: () => number) {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const count = work();
  const clock = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const processor = (user + system) / 1e6;
  const row = {
    name,
    count,
    unit,
    clockSeconds: round(clock),
    processorSeconds: round(processor),
    perProcessorSecond: Math.round(count / processor),
  };
  console.log(row);
  return row;
}
const round = (x: number): number => Math.round(x * 1000) / 1000;

const from = Date.parse('2026-07-15T06:00:00+08:00');
const rows = [];
rows.push(
  measured('a city of 20,000 series made, its map too', 'series', () => liveCity(1, { series: 20_000 }).series.length),
);
const city = liveCity(1, { series: 20_000 });
for (const hour of [0, 1]) {
  const begin = from + hour * 3_600_000;
  rows.push(
    measured(
      `readings, an hour by the minute in batches of 500 (${hour === 0 ? 'first' : 'second'} hour)`,
      'readings',
      () => {
        let n = 0;
        for (const batch of city.batches({ from: begin, to: begin + 3_600_000, step: 60_000 }, 500))
          n += batch.series.length;
        return n;
      },
    ),
  );
}
rows.push(measured('a day of 500 true events', 'reports', () => eventDay('bench').reports.length));
rows.push(measured('past events', 'events', () => eventHistory(1, 1_000_000, from - 365 * 86_400_000, from).at.length));
rows.push(measured('buildings', 'buildings', () => buildingsOf(1, 200_000).height.length));
const result = {
  measured: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
  load: loadavg().map(round),
  rows,
};
if (values.out) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
