/**
 * Batches that a later room of this hub hands over (accepted records of forms): taken in as pushed batches are, with their rows, leaves, receipt and run,
 * and each key exactly once however often it comes. Unlike a department's key it never expires: the room's outbox, not a person, repeats it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { collect } from '../collect.ts';
import { problems } from '../problems.ts';
import { LinesFile } from './lines.ts';
import type { PushDeps } from './push.ts';

/** A batch of the hub's own. `key` names it for ever; rows are texts by column. */
export interface OwnBatch {
  source: string;
  key: string;
  /** Who is answerable: a user id, or the room's name. */
  by: string;
  rows: AsyncIterable<Record<string, string | null>> | Iterable<Record<string, string | null>>;
}

/** What came of it. `again`: it had been taken before, nothing was written. */
export interface OwnReceipt {
  run: number;
  received: number;
  accepted: number | null;
  quarantined: number | null;
  again: boolean;
}

const desks = new WeakMap<Lake, () => PushDeps>();

/** Tells by what own batches are taken in; called by the exchange when it starts, and by tests without a hub. */
export const deliverWith = (lake: Lake, deps: () => PushDeps): void => void desks.set(lake, deps);

/** Takes a batch in; when it resolves the rows are in the lake together with the key. */
export async function deliverOwn(lake: Lake, batch: OwnBatch): Promise<OwnReceipt> {
  const deps = desks.get(lake)?.();
  if (!deps) throw new Error('the exchange has not started');
  const { declaration: source, version } = deps.find(batch.source);
  if (source.transport.kind !== 'http-push')
    throw new Problem(problems.transport, { source: source.id, kind: source.transport.kind });
  const known = await lake.first<{ rows: number; run: number }>(
    'SELECT rows, run FROM ex.push WHERE source = $source AND key = $key',
    { source: source.id, key: batch.key },
  );
  if (known) return { run: known.run, received: Number(known.rows), accepted: null, quarantined: null, again: true };
  mkdirSync(deps.work, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(deps.work, 'own-'));
  const name = `own-${batch.key}`;
  try {
    const hash = createHash('sha256');
    const lines = await LinesFile.create(join(folder, 'rows'));
    try {
      for await (const row of batch.rows) {
        const line = JSON.stringify(row);
        hash.update(`${line}\n`);
        await lines.add(line);
      }
    } finally {
      await lines.close();
    }
    const done = await collect(deps, {
      ...{ source, declaration: version, path: lines.path, input: name, kind: 'push', format: 'jsonl' },
      async after(session, { run, received }) {
        await session.run(
          'INSERT INTO ex.push SELECT $source, $key, $name, $sha256, $rows::BIGINT, $by, $run::INTEGER, $taken::TIMESTAMP',
          {
            ...{
              source: source.id,
              key: batch.key,
              name,
              sha256: hash.digest('hex'),
              rows: received,
              by: batch.by,
              run,
            },
            taken: deps.clock.now(),
          },
        );
      },
    });
    if (done.already) throw new Error(`the batch ${name} was taken for a file of run ${done.run}`);
    const { run, received, accepted, quarantined, vanished } = done;
    await deps.onRun?.({ run, source: source.id, accepted, vanished });
    return { run, received, accepted, quarantined, again: false };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Keys of own batches that the exchange has of a source. */
export const ownBatches = async (lake: Pick<Lake, 'query'>, source: string): Promise<string[]> =>
  (await lake.query<{ key: string }>('SELECT key FROM ex.push WHERE source = $source ORDER BY key', { source })).map(
    (r) => r.key,
  );
