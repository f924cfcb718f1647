/**
 * Pulls rows from an HTTP interface: page by page into one file, which is collected as one run. A page that fails is
 * tried again by itself; when that does not help the whole pull is tried again later, and nothing of it was taken yet.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceTransport } from '../../catalogue/index.ts';
import { Problem } from '../../platform/problem.ts';
import { collect } from '../collect.ts';
import { problems } from '../problems.ts';
import { nothing, type PullDeps, type Pulled, type PullOrder, settle } from './common.ts';
import {
  type Authority,
  addressOf,
  authorityOf,
  HttpClient,
  type HttpLimits,
  httpLimits,
  parse,
  placeOf,
} from './http-client.ts';
import { itemsAt, valueAt } from './json-text.ts';
import { LinesFile } from './lines.ts';
import { pullProblems } from './problems.ts';

type HttpTransport = Extract<SourceTransport, { kind: 'http-pull' }>;

/** Items of each page, in order, as they are written. */
async function* pages(
  client: HttpClient,
  transport: HttpTransport,
  authority: Authority,
  limits: HttpLimits,
): AsyncGenerator<string[]> {
  const { paging } = transport;
  const start = addressOf(transport.url);
  const where = placeOf(start);
  let cursor: string | null = null;
  let before = '';
  let short = false;
  for (let page = 1; ; page++) {
    if (page > limits.maxPages) throw new Problem(pullProblems.httpPages, { where, limit: limits.maxPages });
    const url = new URL(start);
    if (paging?.kind === 'page') {
      url.searchParams.set(paging.parameter, String(page));
      url.searchParams.set(paging.sizeParameter, String(paging.size));
    } else if (paging && cursor !== null) url.searchParams.set(paging.parameter, cursor);
    const { status, text } = await client.get(url, authority);
    // Some interfaces answer "not found" behind their last page.
    if (status === 404 && short) return;
    if (status !== 200) throw new Problem(pullProblems.httpStatus, { where, status });
    const whole = parse(text);
    if (whole === undefined) throw new Problem(pullProblems.httpNotJson, { where });
    const found = itemsAt(text, transport.items);
    if (!found) throw new Problem(pullProblems.httpItems, { where, pointer: transport.items });
    const rows = [...found];
    if (!paging) {
      yield rows;
      return;
    }
    const print = createHash('sha256').update(rows.join('\n')).digest('hex');
    if (paging.kind === 'page') {
      // The end is an empty page: a short one may only mean that the server gives less at once than it is asked for.
      if (rows.length === 0) return;
      if (print === before) {
        if (short) return;
        throw new Problem(pullProblems.httpRepeats, { where });
      }
      short = rows.length < paging.size;
      before = print;
      yield rows;
      continue;
    }
    const next = valueAt(whole, paging.next);
    yield rows;
    if (next === undefined || next === null || next === '' || next === false) return;
    if (String(next) === cursor) throw new Problem(pullProblems.httpRepeats, { where });
    cursor = String(next);
  }
}

/**
 * Pulls a source whose transport is http-pull. Throws Problems (recorded as refusals), and `RetryableError` for faults
 * that may pass.
 */
export async function pullHttp(deps: PullDeps, order: PullOrder, over: Partial<HttpLimits> = {}): Promise<Pulled> {
  const { source, signal, progress } = order;
  const transport = source.transport;
  if (transport.kind !== 'http-pull')
    throw new Problem(problems.transport, { source: source.id, kind: transport.kind });
  const limits = { ...httpLimits, ...over };
  const out = nothing(null);
  mkdirSync(deps.work, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(deps.work, `pull-${source.id}-`));
  let input = source.id;
  let file: LinesFile | undefined;
  let reading = true;
  try {
    input = placeOf(addressOf(transport.url));
    const client = new HttpClient(limits, deps.clock, signal);
    file = await LinesFile.create(join(folder, 'rows.jsonl'));
    for await (const rows of pages(client, transport, authorityOf(deps, source, transport, client), limits)) {
      for (const row of rows) {
        const pending = file.add(row);
        if (pending) await pending;
      }
      out.read += rows.length;
      progress?.({ bytes: file.bytes, rows: out.read, step: 'read' });
    }
    const full = file;
    file = undefined;
    await full.close();
    // A whole without rows is refused by collecting, like an empty file; of changes there may be none.
    if (out.read === 0 && source.mode === 'changes') return out;
    reading = false;
    const done = await collect(deps, {
      source,
      declaration: order.declaration,
      path: full.path,
      input,
      format: 'jsonl',
      ...(signal ? { signal } : {}),
      ...(progress ? { progress } : {}),
    });
    if (done.already) return out;
    const { run, received, accepted, quarantined, duplicate, vanished } = done;
    await order.onRun?.({ run, source: source.id, accepted, vanished });
    return { ...out, runs: [run], received, accepted, quarantined, duplicate };
  } catch (error) {
    throw reading ? await settle(deps, order, input, error) : error;
  } finally {
    await file?.close().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}
