/**
 * Rows in quarantine: looked at under the viewer's rights, mended, released into a run of their own, dropped with a
 * reason, exported for the department. Everything is paged and counted by the lake, so that a million rows can be worked.
 */

import { once } from 'node:events';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceDeclaration, SourceField } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { isToken, mask, type Visibility, visibility } from '../platform/auth/protection.ts';
import type { LakeParams } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { TokenKind } from '../platform/room.ts';
import type { DropBody, QuarantineEntry, QuarantinePage, QuarantineQuery, ReleaseAnswer, ReleaseBody } from './api.ts';
import { type CollectDeps, collect } from './collect.ts';
import { OPERATION, TIMESTAMP } from './intake/plan.ts';
import { judge, MAPPING_CAST } from './intake/rules.ts';
import { lane } from './names.ts';
import { problems } from './problems.ts';
import { ruleSentence, ruleTitle } from './sentences.ts';

/** A row as the lake keeps it. */
interface Kept extends Record<string, unknown> {
  run: number;
  row: number;
  source: string;
  line: number | null;
  field: string | null;
  rule: string;
  params: string;
  cells: string | null;
  mended: string | null;
  leaf: Uint8Array;
  status: 'open' | 'released' | 'dropped';
  raw: string | null;
  byte_from: number | null;
  byte_to: number | null;
  received_at: string;
  decided_at: string | null;
  decided_by: string | null;
  reason: string | null;
  released_run: number | null;
}

/** A source with the version of its declaration. */
export interface KnownSource {
  declaration: SourceDeclaration;
  version: number;
}
export type SourceOf = (id: string) => KnownSource;

const WHOLE =
  'run, row, source, line, field, rule, params, cells, mended, leaf, status, raw, byte_from, byte_to, received_at, decided_at, decided_by, reason, released_run';
type Filter = {
  source?: string | undefined;
  owner?: string | undefined;
  run?: number | undefined;
  rule?: string | undefined;
  field?: string | undefined;
  status?: string | undefined;
};

function where(filter: Filter): { sql: string; params: Record<string, string | number> } {
  const parts: string[] = ['true'];
  const params: Record<string, string | number> = {};
  for (const name of ['source', 'run', 'rule', 'field', 'status'] as const) {
    const value = filter[name];
    if (value === undefined) continue;
    parts.push(`${name} = $${name}`);
    params[name] = value;
  }
  if (filter.owner !== undefined) {
    parts.push("split_part(source, '.', 1) = $owner");
    params.owner = filter.owner;
  }
  return { sql: parts.join(' AND '), params };
}

const tokenKind = (f: SourceField): TokenKind =>
  f.format === 'citizen-id' || f.format === 'phone' ? f.format : 'account';

/** The quarantine of one hub. */
export class Quarantine {
  readonly #deps: CollectDeps;
  readonly #sourceOf: SourceOf;

  constructor(deps: CollectDeps, sourceOf: SourceOf) {
    this.#deps = deps;
    this.#sourceOf = sourceOf;
  }

  /** One page, in order of run and row, with counts of what the filter holds. */
  async list(query: QuarantineQuery, who: Principal): Promise<QuarantinePage> {
    const { lake } = this.#deps;
    const { sql, params } = where(query);
    const [run, row] = (query.after ?? '0-0').split('-').map(Number) as [number, number];
    const kept = await lake.query<Kept>(
      `SELECT ${WHOLE} FROM ex.quarantine WHERE ${sql} AND (run, row) > ($afterRun::INTEGER, $afterRow::INTEGER)
       ORDER BY run, row LIMIT $limit`,
      { ...params, afterRun: run, afterRow: row, limit: query.limit },
    );
    const facets = await lake.query<{ rule: string; field: string | null; rows: number }>(
      `SELECT rule, field, count(*) AS rows FROM ex.quarantine WHERE ${sql} GROUP BY ALL ORDER BY rows DESC, rule, field LIMIT 200`,
      params,
    );
    const last = kept.at(-1);
    return {
      items: await Promise.all(kept.map((k) => this.#view(k, who))),
      total: facets.reduce((sum, f) => sum + f.rows, 0),
      next: last && kept.length === query.limit ? `${last.run}-${last.row}` : null,
      facets: facets.map((f) => ({ ...f, title: ruleTitle(f.rule) })),
    };
  }

  async #kept(run: number, row: number): Promise<Kept> {
    const kept = await this.#deps.lake.first<Kept>(
      `SELECT ${WHOLE} FROM ex.quarantine WHERE run = $run AND row = $row`,
      { run, row },
    );
    if (!kept) throw new Problem(problems.unknownRow, { run, row });
    return kept;
  }

  /** One row. */
  async look(run: number, row: number, who: Principal): Promise<QuarantineEntry> {
    return this.#view(await this.#kept(run, row), who);
  }

  async #view(kept: Kept, who: Principal): Promise<QuarantineEntry> {
    const { declaration: d } = this.#sourceOf(kept.source);
    const cells = kept.cells === null ? null : (JSON.parse(kept.cells) as Record<string, string | null>);
    const mended = kept.mended === null ? {} : (JSON.parse(kept.mended) as Record<string, string | null>);
    const masks = await this.#masks([...Object.values(cells ?? {}), ...Object.values(mended)]);
    // A row whose columns could not be told apart is as guarded as the most guarded of its fields.
    const sees = d.fields.map((f) => visibility(who, { level: d.level, owner: d.owner, protection: f.protection }));
    const rawSeen = sees.every((s) => s === 'plain');
    return {
      run: kept.run,
      row: kept.row,
      source: kept.source,
      title: d.title,
      owner: d.owner,
      line: kept.line,
      field: kept.field,
      rule: kept.rule,
      sentence: ruleSentence(kept.rule, JSON.parse(kept.params || '{}') as Record<string, unknown>),
      status: kept.status,
      cells: cells
        ? d.fields.map((f, i) => ({
            field: f.name,
            title: f.title,
            value: shown(sees[i]!, f, cells[f.name] ?? null, masks),
            visibility: sees[i]!,
            mended: f.name in mended ? shown(sees[i]!, f, mended[f.name] ?? null, masks) : null,
            fault: f.name === kept.field,
          }))
        : [],
      raw: kept.raw === null ? null : rawSeen ? kept.raw : '***',
      bytes: kept.byte_to === null ? null : { from: kept.byte_from!, to: kept.byte_to },
      leaf: Buffer.from(kept.leaf).toString('hex'),
      at: kept.received_at,
      decidedAt: kept.decided_at,
      decidedBy: kept.decided_by,
      reason: kept.reason,
      releasedRun: kept.released_run,
    };
  }

  async #masks(values: (string | null)[]): Promise<Map<string, string>> {
    const tokens = values.filter((v): v is string => v !== null && isToken(v));
    return tokens.length ? this.#deps.vault.masks([...new Set(tokens)]) : new Map();
  }

  /** Keeps new values beside a row; the received ones stay. Sensitive values become tokens. */
  async mend(run: number, row: number, cells: Record<string, string | null>, who: Principal): Promise<QuarantineEntry> {
    const kept = await this.#kept(run, row);
    if (kept.status !== 'open') throw new Problem(problems.notOpen, { run, row, status: kept.status });
    const { declaration: d } = this.#sourceOf(kept.source);
    const fresh: Record<string, string | null> = {};
    for (const [name, value] of Object.entries(cells)) {
      const field = d.fields.find((f) => f.name === name);
      const trace = d.mode === 'changes' && (name === OPERATION || name === TIMESTAMP);
      if (!field && !trace) throw new Problem(problems.unknownField, { field: name }, { field: name });
      if (field && visibility(who, { level: d.level, owner: d.owner, protection: field.protection }) === 'hidden')
        throw new Problem(problems.hiddenField, { field: name }, { field: name });
      fresh[name] = field?.protection === 'sensitive' && value ? await this.#token(tokenKind(field), value) : value;
    }
    await this.#deps.lake.write(lane(kept.source), (s) =>
      s.run(
        `UPDATE ex.quarantine SET mended = json_merge_patch(coalesce(mended, '{}'), $cells::JSON)
         WHERE run = $run AND row = $row AND status = 'open'`,
        { run, row, cells: JSON.stringify(fresh) },
      ),
    );
    return this.look(run, row, who);
  }

  #token(kind: TokenKind, value: string): Promise<string> {
    if (isToken(value)) return Promise.resolve(value);
    return this.#deps.lake.session(async (s) => {
      await s.run('CREATE OR REPLACE TEMP TABLE mended_value AS SELECT $value AS original', { value });
      await this.#deps.vault.stageTokens(s, kind, 'SELECT original FROM mended_value', 'mended_token');
      return (await s.first<{ token: string }>('SELECT token FROM mended_token'))!.token;
    });
  }

  /**
   * Releases open rows that no longer break a rule: they enter a run of kind `release` with its own receipt, in one
   * transaction with their new status. Their leaves are of the values as kept (tokens for sensitive ones).
   */
  async release(body: ReleaseBody, who: Pick<Principal, 'login'>): Promise<ReleaseAnswer> {
    const { declaration: d, version } = this.#sourceOf(body.source);
    const names = [...d.fields.map((f) => f.name), ...(d.mode === 'changes' ? [OPERATION, TIMESTAMP] : [])];
    mkdirSync(this.#deps.work, { recursive: true, mode: 0o700 });
    const path = join(this.#deps.work, `release-${d.id}-${process.hrtime.bigint()}.jsonl`);
    const file = createWriteStream(path, { mode: 0o600 });
    const places: [number, number, number][] = [];
    let kept = 0;
    try {
      for await (const rows of this.#selected(body))
        for (const k of rows) {
          const values = k.cells === null && k.mended === null ? null : merged(k, names);
          const whole = values && (k.cells !== null || names.every((n) => values[n] !== undefined));
          if (!whole || unanswered(k) || this.#fault(d, values)) {
            kept += 1;
            continue;
          }
          places.push([places.length + 1, k.run, k.row]);
          if (!file.write(`${JSON.stringify(values)}\n`)) await once(file, 'drain');
        }
      file.end();
      await once(file, 'close');
      if (!places.length) return { run: null, released: 0, duplicate: 0, kept };
      const at = this.#deps.clock.now();
      const answer = await collect(this.#deps, {
        source: asKept(d),
        declaration: version,
        path,
        input: `quarantine:${d.id}`,
        kind: 'release',
        format: 'jsonl',
        partial: true,
        after: async (s, receipt) => {
          if (receipt.received !== places.length || receipt.quarantined > 0)
            throw new Error(
              `release of ${d.id}: ${receipt.received} of ${places.length} rows, ${receipt.quarantined} refused`,
            );
          await s.run('CREATE OR REPLACE TEMP TABLE releasing (pos INTEGER, run INTEGER, row INTEGER)');
          await s.append('releasing', places);
          await s.run(
            `UPDATE ex.quarantine SET status = 'released', decided_at = $at::TIMESTAMP, decided_by = $by,
               released_run = $released::INTEGER, released_row = r.pos
             FROM releasing r WHERE ex.quarantine.run = r.run AND ex.quarantine.row = r.row AND ex.quarantine.status = 'open'`,
            { at, by: who.login, released: receipt.run },
          );
        },
      });
      if (answer.already) throw new Error('a release is never recognised as a file');
      return { run: answer.run, released: answer.accepted, duplicate: answer.duplicate, kept };
    } finally {
      file.destroy();
      rmSync(path, { force: true });
    }
  }

  /** Tokens were judged as originals when they came: only what is written plainly is judged again. */
  #fault(d: SourceDeclaration, values: Record<string, string | null>): boolean {
    const plain = d.fields.filter((f) => !(values[f.name] && isToken(values[f.name]!)));
    return (
      judge(
        plain,
        plain.map((f) => values[f.name] ?? null),
      ) !== null
    );
  }

  #selected(body: ReleaseBody): AsyncIterable<Kept[]> {
    const { sql, params } = where({ ...body, status: 'open' });
    const chosen: LakeParams = { ...params };
    let only = '';
    if (body.rows) {
      chosen.picked = body.rows.map((r) => `${r.run}-${r.row}`);
      only = "AND list_contains($picked, run || '-' || row)";
    }
    return this.#deps.lake.stream<Kept>(
      `SELECT ${WHOLE} FROM ex.quarantine WHERE ${sql} ${only} ORDER BY run, row`,
      chosen,
    );
  }

  /** Drops open rows with a reason; they stay on record. */
  drop(body: DropBody, who: Pick<Principal, 'login'>): Promise<number> {
    this.#sourceOf(body.source);
    const { sql, params } = where({
      source: body.source,
      run: body.run,
      rule: body.rule,
      field: body.field,
      status: 'open',
    });
    const chosen: LakeParams = { ...params, at: this.#deps.clock.now(), by: who.login, reason: body.reason };
    if (body.rows) chosen.picked = body.rows.map((r) => `${r.run}-${r.row}`);
    return this.#deps.lake.write(lane(body.source), (s) =>
      s.run(
        `UPDATE ex.quarantine SET status = 'dropped', decided_at = $at::TIMESTAMP, decided_by = $by, reason = $reason
         WHERE ${sql} ${body.rows ? "AND list_contains($picked, run || '-' || row)" : ''}`,
        chosen,
      ),
    );
  }

  /** CSV (UTF-8 with byte order mark) of the rows under a filter, for the department; cells as the viewer may see them. */
  async *export(query: QuarantineQuery, who: Principal): AsyncIterable<string> {
    const { sql, params } = where(query);
    yield '\uFEFFsource,run,row,line,rule,field,sentence,values\r\n';
    const found = this.#deps.lake.stream<Kept>(
      `SELECT ${WHOLE} FROM ex.quarantine WHERE ${sql} ORDER BY run, row`,
      params,
    );
    for await (const rows of found) {
      let out = '';
      for (const k of rows) {
        const v = await this.#view(k, who);
        const values = v.cells.length ? v.cells.map((c) => `${c.title.zh}=${c.value ?? ''}`).join('；') : v.raw;
        const cells = [v.source, v.run, v.row, v.line ?? '', v.rule, v.field ?? '', v.sentence.zh, values ?? ''];
        out += `${cells.map(csvCell).join(',')}\r\n`;
      }
      yield out;
    }
  }
}

/** A cell of CSV; text that a spreadsheet would run as a formula is kept a text. */
function csvCell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function shown(sees: Visibility, field: SourceField, value: string | null, masks: Map<string, string>): string | null {
  if (value === null || value === '') return value;
  if (sees === 'hidden') return null;
  // What a token stands for is revealed by the vault alone, one by one, with a purpose.
  if (isToken(value)) return masks.get(value) ?? '***';
  return sees === 'masked' ? mask(field.format, value) : value;
}

/** Whether a field that the mapping could not answer has not been given by a person yet. */
function unanswered(k: Kept): boolean {
  if (k.rule !== MAPPING_CAST) return false;
  const { fields } = JSON.parse(k.params || '{}') as { fields?: string };
  const mended = k.mended === null ? {} : (JSON.parse(k.mended) as Record<string, string | null>);
  return (fields ?? '').split(', ').some((f) => !(f in mended));
}

function merged(k: Kept, names: string[]): Record<string, string | null> {
  const cells = k.cells === null ? {} : (JSON.parse(k.cells) as Record<string, string | null>);
  const mended = k.mended === null ? {} : (JSON.parse(k.mended) as Record<string, string | null>);
  const all = { ...cells, ...mended };
  return Object.fromEntries(names.filter((n) => n in all).map((n) => [n, all[n] ?? null]));
}

/** The source as its kept values are written: by field names, mapped already, sensitive ones as tokens already, judged beforehand. */
function asKept(d: SourceDeclaration): SourceDeclaration {
  const { mapping: _file, mappingText: _sql, ...rest } = d;
  return {
    ...rest,
    contract: 'discard',
    expect: { maxQuarantinedShare: 1 },
    fields: d.fields.map(({ column: _, ...f }) => ({
      ...f,
      protection: 'internal',
      required: false,
      onInvalid: 'flag',
    })),
  };
}
