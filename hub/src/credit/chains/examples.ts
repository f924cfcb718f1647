/** Where to begin: the largest groups, the most given guarantees, the addresses and persons that most enterprises share. */
import { z } from 'zod';
import type { Lake } from '../../platform/lake/index.ts';
import { cell } from '../api-base.ts';
import type { Metadata } from '../metadata.ts';
import { personGuard } from '../persons.ts';
import type { Viewer } from '../view.ts';

const named = z.object({ entity: z.number().int(), name: z.string().nullable(), n: z.number().int() });
export const examplesAnswer = z.object({
  /** Enterprises with shares of most others, directly or through others. */
  groups: z.array(named),
  /** Enterprises that guarantee for most others, or for which most guarantee. */
  guarantees: z.array(named),
  addresses: z.array(
    z.object({ address: z.string(), n: z.number().int(), entity: z.number().int(), name: z.string().nullable() }),
  ),
  /** Persons in most enterprises; `entity` is one of them. */
  officers: z.array(
    z.object({ person: cell, n: z.number().int(), entity: z.number().int(), name: z.string().nullable() }),
  ),
});

const MOST = 8;

/** Finds them in the engine; a person's name is told as the viewer may see it. */
export async function examples(
  ports: { lake: Lake; metadata: Metadata },
  viewer: Viewer,
): Promise<z.input<typeof examplesAnswer>> {
  const { lake } = ports;
  const names = (inner: string) =>
    `SELECT x.*, p.name FROM (${inner}) x LEFT JOIN v.legal_person_v1 p ON p.entity = x.entity ORDER BY x.n DESC, x.entity`;
  const [groups, guarantees, addresses, officers] = await Promise.all([
    // Three steps down are a group as people speak of it; circles are counted once.
    lake.query<{ entity: number; n: number; name: string | null }>(
      names(`WITH own AS MATERIALIZED (SELECT DISTINCT other_entity AS holder, entity AS held FROM v.legal_person_relation_v1
               WHERE kind = 'shareholder' AND other_entity IS NOT NULL AND other_entity <> entity),
             below AS (SELECT holder, held FROM own
               UNION SELECT a.holder, b.held FROM own a JOIN own b ON b.holder = a.held
               UNION SELECT a.holder, c.held FROM own a JOIN own b ON b.holder = a.held JOIN own c ON c.holder = b.held)
             SELECT holder AS entity, count(DISTINCT held) AS n FROM below WHERE held <> holder GROUP BY 1
             ORDER BY n DESC, 1 LIMIT ${MOST}`),
    ),
    lake.query<{ entity: number; n: number; name: string | null }>(
      names(`SELECT entity, count(DISTINCT other) AS n FROM (
               SELECT entity, other_entity AS other FROM v.legal_person_relation_v1
                 WHERE kind = 'guarantee' AND other_entity IS NOT NULL AND other_entity <> entity
               UNION ALL SELECT other_entity, entity FROM v.legal_person_relation_v1
                 WHERE kind = 'guarantee' AND other_entity IS NOT NULL AND other_entity <> entity)
             GROUP BY 1 ORDER BY n DESC, 1 LIMIT ${MOST}`),
    ),
    lake.query<{ address: string; entity: number; n: number; name: string | null }>(
      names(`SELECT address, min(entity) AS entity, count(*) AS n FROM v.legal_person_v1
             WHERE address IS NOT NULL AND address <> '' AND coalesce(status, '') NOT LIKE '%注销%'
             GROUP BY address HAVING count(*) > 1 ORDER BY n DESC, 2 LIMIT ${MOST}`),
    ),
    lake.query<{ person: string; class: number; entity: number; n: number; name: string | null }>(
      names(`SELECT any_value(person_name) AS person, min(class) AS class, min(entity) AS entity, count(DISTINCT entity) AS n
             FROM v.legal_person_relation_v1 WHERE person_token IS NOT NULL AND person_name IS NOT NULL
             GROUP BY person_token HAVING count(DISTINCT entity) > 1 ORDER BY n DESC, 3 LIMIT ${MOST}`),
    ),
  ]);
  const people = [];
  for (const { person, class: of, ...row } of officers) {
    people.push({ ...row, person: viewer.cell(await personGuard(ports.metadata, of), 'person-name', person) });
  }
  await viewer.settle();
  await viewer.record('credit.chain-examples', 'credit/chains', { n: people.length, personal: viewer.personal });
  return { groups, guarantees, addresses, officers: people };
}
