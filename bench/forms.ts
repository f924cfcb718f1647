/**
 * Forms under load: operations of phones taken in one after another (each its own transaction, on disk before its answer), and a large workbook looked
 * at and taken in whole, with the process's memory meanwhile. On the embedded store.
 *
 *   node --import tsx bench/forms.ts [rows]
 */
import { randomUUID } from 'node:crypto';
import { citizenIdCheckCharacter } from '@jingwei/codes';
import { workbook } from '../hub/src/forms/sheet/workbook.ts';
import { bench, bytesOf, formsMigrations, people, visitDesign } from '../hub/src/forms/testing.ts';
import { testPglite } from '../hub/src/platform/db/testing.ts';

const rows = Number(process.argv[2] ?? 100_000);
const store = await testPglite(formsMigrations);
const b = await bench(store.db);
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 100);
async function timed<T>(what: string, n: number, work: () => Promise<T>): Promise<T> {
  const [from, used] = [performance.now(), cpu()];
  peak = process.memoryUsage().rss;
  const before = peak;
  const done = await work();
  const s = (performance.now() - from) / 1000;
  console.log(
    `${what}: ${s.toFixed(1)} s (${(n / s).toFixed(0)} a second; processor ${(cpu() - used).toFixed(1)} s); memory ${(before / 2 ** 20).toFixed(0)} → at most ${(peak / 2 ** 20).toFixed(0)} MiB`,
  );
  return done;
}

try {
  const form = await b.form('load', visitDesign());
  const device = randomUUID();
  const at = '2026-03-04T01:00:00Z';
  const number = (i: number) => {
    const first =
      `33028219${String(400000000 + i).slice(0, 9)}`.slice(0, 6) +
      `19${40 + (i % 50)}0${1 + (i % 9)}${10 + (i % 18)}${String(i % 1000).padStart(3, '0')}`;
    return first + citizenIdCheckCharacter(first);
  };
  const batches = 20;
  await timed(`${batches * 50} operations of a phone in batches of 50`, batches * 50, async () => {
    for (let n = 0; n < batches; n++) {
      const operations = Array.from({ length: 50 }, (_, i) => ({
        ...{ kind: 'create', key: randomUUID(), record: randomUUID(), form, at, version: 1, submit: true },
        values: {
          elder: `老人${n * 50 + i}`,
          id_no: number(900_000 + n * 50 + i),
          visited: '2026-03-03',
          health: 'good',
        },
      }));
      await b.call('POST', '/sync', people.collector, { body: { device, sentAt: at, operations } });
    }
  });
  // Numbers that differ: the field stands once in the form.
  const plain = await b.form('sheet', {
    ...visitDesign(),
    fields: visitDesign().fields.map((f) => (f.kind === 'citizen-id' ? { ...f, unique: false } : f)),
  });
  const header = ['姓名', '身份证号', '走访日期', '身体状况', '月收入', '住址'];
  const raw = await bytesOf({
    chunks: workbook([
      {
        name: '填报',
        header,
        rows: (function* () {
          for (let i = 0; i < rows; i++)
            yield [
              `老人${i}`,
              number(i),
              '2026-03-03',
              i % 3 ? '良好' : '较差',
              `${(i % 9000) + 0.5}`,
              `慈溪市浒山街道示例路${i % 500}号`,
            ];
        })(),
      },
    ]),
  });
  console.log(`workbook of ${rows} rows: ${(raw.length / 2 ** 20).toFixed(1)} MiB`);
  const look = await timed('looked at', rows, () =>
    b.call<{ id: string; good: number; bad: number }>('POST', '/{form}/imports', people.collector, {
      params: { form: plain },
      query: { name: 'load.xlsx' },
      raw,
    }),
  );
  console.log(`good ${look.good}, bad ${look.bad} (poor health without its illness)`);
  const done = await timed('good rows taken in', look.good, () =>
    b.call<{ applied: number }>('POST', '/{form}/imports/{import}/apply', people.collector, {
      params: { form: plain, import: look.id },
      body: { mode: 'good' },
    }),
  );
  console.log(`taken in ${done.applied}`);
} finally {
  clearInterval(watch);
  await b.end();
  await store.end();
}
