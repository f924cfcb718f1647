/** Data services as a holder of a person's data: tables that calls are answered from, and who could have called for the person. */
import { ident, type Lake } from '../platform/lake/index.ts';
import type { ErasedPlace, PersonalHolder, PersonSubject } from '../platform/personal.ts';
import { addDuty, matterOf, recordNumber, type SharingPorts, sharedEntry } from '../sharing/index.ts';
import { dropUnserved, withoutRecords } from './serve/served.ts';

const TITLE = { zh: '数据服务的查询表', en: 'Tables that data services answer from' };

interface Served extends Record<string, unknown> {
  share: number;
  name: string;
}

/** Served tables whose source has rows about the person, with the person's rows in them. */
async function held(ports: SharingPorts, subject: PersonSubject): Promise<(Served & { records: string[] })[]> {
  const { lake } = ports;
  const tables = await lake.query<Served>(
    `SELECT s.share, s.name FROM gw.served s JOIN duckdb_tables() t ON t.schema_name = 'gw' AND t.table_name = s.name WHERE NOT s.sandbox`,
  );
  const found: (Served & { records: string[] })[] = [];
  for (const table of tables) {
    const share = await matterOf(ports.db.kysely, 'share', table.share, null);
    const source = sharedEntry(ports, share.entry)?.entry.source;
    if (!source) continue;
    const records = await recordsIn(lake, table.name, share.mark, subject.erasure, source);
    if (records.length > 0) found.push({ ...table, records });
  }
  return found;
}

async function recordsIn(lake: Lake, name: string, mark: string, erasure: number, source: string): Promise<string[]> {
  const rows = await lake.query<{ n: string }>(
    `SELECT r.n FROM (SELECT DISTINCT ${recordNumber('fact')} AS n FROM v.subject_row_v1 WHERE erasure = $e AND source = $source) r
     JOIN gw.${ident(name)} t ON json_extract_string(t._row, '$._record') = r.n ORDER BY r.n`,
    { e: erasure, source, mark },
  );
  return rows.map((r) => r.n);
}

/** Calls of a grant's service that were answered with rows. */
async function called(lake: Lake, share: number): Promise<boolean> {
  const days = await lake.first(
    'SELECT 1 AS one FROM gw.day WHERE share = $share AND NOT sandbox AND rows > 0 LIMIT 1',
    { share },
  );
  if (days) return true;
  const view = await lake.first(
    "SELECT 1 AS one FROM duckdb_views() WHERE schema_name = 'gw' AND view_name = 'usage' UNION ALL SELECT 1 FROM duckdb_tables() WHERE schema_name = 'gw' AND table_name = 'usage' LIMIT 1",
  );
  if (!view) return false;
  return (
    (await lake.first('SELECT 1 AS one FROM gw.usage WHERE share = $share AND NOT sandbox AND rows > 0 LIMIT 1', {
      share,
    })) !== undefined
  );
}

/**
 * The gateway as a holder. Its tables go on without the records, and are made anew from what is there when an integration has ended. `counted`:
 * every call that was answered so far stands in the records of use.
 */
export function gatewayHolder(ports: SharingPorts, days: number, counted: () => Promise<void>): PersonalHolder {
  return {
    async find(subject) {
      const tables = await held(ports, subject);
      return tables.map((t) => ({
        ...{
          place: `served:${t.share}`,
          title: TITLE,
          count: t.records.length,
          action: 'delete' as const,
          link: '/gateway/services',
        },
      }));
    },
    async erase({ subject, signal }) {
      const done: ErasedPlace[] = [];
      for (const table of await held(ports, subject)) {
        signal.throwIfAborted();
        const share = await matterOf(ports.db.kysely, 'share', table.share, null);
        const tell = async (): Promise<boolean> => {
          await counted();
          if (!(await called(ports.lake, table.share))) return false;
          await addDuty(ports, days, { erasure: subject.erasure, share, records: table.records, deliveries: [] });
          return true;
        };
        // Told before the records are gone, so that a kill in between is found again; who called meanwhile is told after.
        const told = await tell();
        await ports.lake.write('gateway', (s) => withoutRecords(s, table.name, table.records));
        if (!told) await tell();
        done.push({ place: `served:${table.share}`, title: TITLE, count: table.records.length, action: 'delete' });
      }
      // Tables that served before these, and that calls may still have been reading, have the records as well.
      await dropUnserved(ports, new Set());
      return { done, rewrite: [] };
    },
  };
}
