/** Reads a source's sample as a delivery would be read: what `jingwei source check` says of `sample.csv`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleCheck } from '../catalogue/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import { LONGEST_RECORD } from './collect.ts';
import { GROUP_ROWS } from './intake/parquet.ts';
import { type IntakePlan, Refused } from './intake/plan.ts';
import { readDelivery } from './intake/read.ts';
import { mapDelivery } from './mapping.ts';
import { problemOf } from './problems.ts';
import { ruleSentence } from './sentences.ts';

const broken = problemKind(
  'exchange.sample.row',
  422,
  '样例中的一行会被隔离（{field}）：{zh}',
  'A row of the sample would be quarantined ({field}): {en}',
);

/**
 * Judges a sample (UTF-8, commas) as a delivery: a refusal, or, when more rows would be quarantined than the declaration
 * expects, each of them with its line. A mapping is applied as it would be to a delivery.
 */
export const checkSample: SampleCheck = async (source, path) => {
  const out = mkdtempSync(join(tmpdir(), 'jingwei-sample-'));
  try {
    const plain: IntakePlan = {
      ...{ path, out, format: 'csv', encoding: 'utf-8', delimiter: ',', fields: source.fields },
      ...{ mode: source.mode, contract: source.contract, longest: LONGEST_RECORD, partRows: GROUP_ROWS },
    };
    const read = (plan: IntakePlan) => readDelivery(plan, () => undefined);
    const mapped = source.mapping === undefined ? null : await mapDelivery(source, plain, 'sample.csv', read);
    const result = await read(mapped?.plan ?? plain);
    // As in a delivery, a few bad rows are no mistake of the declaration: only more than it expects.
    const share = result.quarantined / result.received;
    if (!result.quarantine || share <= source.expect.maxQuarantinedShare) return [];
    const lake = await openDuckDbLake({ path: ':memory:' });
    try {
      const rows = await lake.query<{ _line: number; _field: string | null; _rule: string; _params: string }>(
        `SELECT _line, _field, _rule, _params FROM read_parquet('${result.quarantine}') ORDER BY _row LIMIT 100`,
      );
      return rows.map(
        (r) =>
          new Problem(
            broken,
            { field: r._field ?? '—', ...ruleSentence(r._rule, JSON.parse(r._params)) },
            { file: 'sample.csv', line: r._line, ...(r._field ? { field: r._field } : {}) },
          ),
      );
    } finally {
      await lake.close();
    }
  } catch (error) {
    if (error instanceof Refused) return [problemOf(error.refusal, 'sample.csv')];
    if (error instanceof Problem) return [error];
    throw error;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};
