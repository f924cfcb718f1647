/** Reads one delivered file into the hand-over: the body of the reading thread, callable without a thread in tests. */
import { CsvReader } from './csv.ts';
import { DeliveredSink, type Sink } from './delivered.ts';
import type { Columns } from './header.ts';
import { readJsonLines } from './jsonl.ts';
import { readMapped } from './mapped.ts';
import type { IntakeNews, IntakePlan, IntakeResult } from './plan.ts';
import { RowSink } from './sink.ts';
import { readWorkbook } from './xlsx.ts';

/** What a reader of a format answers. */
export interface Reading {
  sink: Sink;
  columns: Pick<Columns, 'unknown' | 'absent'>;
  bytes: number;
  sha256: string;
}

/** Reads a delivery; a delivery that must be refused throws `Refused`. */
export async function readDelivery(plan: IntakePlan, news: (news: IntakeNews) => void): Promise<IntakeResult> {
  const { sink, columns, bytes, sha256 } = await reading(plan, news);
  const file = { bytes, sha256, unknownColumns: columns.unknown, absentColumns: columns.absent };
  if (sink instanceof DeliveredSink) return { ...nothingRead, ...file, delivered: sink.finish() };
  if (!(sink instanceof RowSink)) throw new Error('rows went to an unknown sink');
  const end = sink.finish();
  return {
    ...file,
    received: sink.received,
    accepted: sink.accepted,
    quarantined: sink.quarantined,
    duplicate: sink.duplicate,
    parts: sink.parts,
    quarantine: end.quarantine,
    duplicates: end.duplicates,
    extra: end.extra,
    root: end.root?.digest ?? null,
    level: end.root?.level ?? 0,
    blocks: sink.forest.blocks,
    tail: end.tail,
    delivered: null,
  };
}

const nothingRead = {
  ...{ received: 0, accepted: 0, quarantined: 0, duplicate: 0, parts: [], quarantine: null, duplicates: null },
  ...{ extra: null, root: null, level: 0, blocks: [], tail: null },
};

async function reading(plan: IntakePlan, news: (news: IntakeNews) => void): Promise<Reading> {
  if (plan.format === 'mapped') return readMapped(plan, news);
  if (plan.format === 'jsonl') return readJsonLines(plan, news);
  if (plan.format === 'xlsx') return readWorkbook(plan, news);
  return new CsvReader(plan, news).run();
}
