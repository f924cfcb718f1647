/** Corrections that are raised on a record as it is shown: what may be asked and what is asked already, and the asking itself. */
import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import { catalogueOf } from '../../../catalogue/index.ts';
import type { AnyTables } from '../../../platform/db/index.ts';
import type { Bilingual } from '../../../platform/i18n/index.ts';
import { cityDay } from '../../../platform/law/index.ts';
import { Problem } from '../../../platform/problem.ts';
import type { Deps } from '../../../platform/room.ts';
import type { possibleAnswer, RecordTarget, recordAnswer } from './api.ts';
import { correctionDue } from './clock.ts';
import { type Asked, type Place, placesOf, type RecordPlaces, type RecordPorts } from './places.ts';
import { alreadyOpen, fieldUnseen } from './problems.ts';
import { fields, tellOwners } from './raise.ts';

interface Standing {
  id: number;
  fact: string;
  field: string;
  named: boolean;
  state: 'open' | 'source-wrong' | 'list-wrong';
  due: string | null;
  missing_year: number | null;
  overdue: boolean;
}

/** Corrections of some rows that are not settled, wherever they were raised. */
async function standing(db: Kysely<AnyTables>, facts: readonly bigint[], today: string): Promise<Standing[]> {
  if (!facts.length) return [];
  const list = JSON.stringify([...new Set(facts.map(String))]);
  const found = await sql<Standing>`SELECT id, fact::text AS fact, field, state, due::text AS due, missing_year,
      (library IS NULL AND delivery IS NULL) AS named, (state = 'open' AND coalesce(due < ${today}::date, false)) AS overdue
    FROM libraries.correction WHERE state <> 'settled'
      AND fact IN (SELECT x::bigint FROM jsonb_array_elements_text(${list}::jsonb) AS t(x)) ORDER BY id`.execute(db);
  return found.rows;
}

/** Lists and verifications name what is in doubt by their own words, not by the field of the source. */
const words = (subject: RecordPlaces['subject'], attribute: string | null): string[] =>
  attribute === null || subject === 'other'
    ? []
    : Object.entries(fields[subject]).flatMap(([word, a]) => (a === attribute ? [word] : []));

const standingOf = (all: readonly Standing[], of: RecordPlaces, p: Place): Standing | undefined =>
  all.find(
    (s) =>
      s.fact === String(p.fact) && (s.named ? words(of.subject, p.attribute).includes(s.field) : s.field === p.field),
  );

const nameOf = (ports: RecordPorts, organisation: string): Bilingual =>
  catalogueOf(ports.lake).organisations.get(organisation)?.name ?? { zh: organisation, en: organisation };

/** What of a record may be corrected, whom it would go to and until when, and what is being corrected already. */
export async function possible(
  ports: RecordPorts,
  target: RecordTarget,
  asked: Asked,
): Promise<z.input<typeof possibleAnswer>> {
  const of = await placesOf(ports, target, asked);
  const today = cityDay(ports.clock.now());
  const all = await standing(
    ports.db.kysely,
    of.places.map((p) => p.fact),
    today,
  );
  return {
    ...correctionDue(today),
    items: of.places.map((p) => {
      const s = standingOf(all, of, p);
      const { fact: _, ...told } = p;
      const open = s && { id: s.id, state: s.state, due: s.due, missingYear: s.missing_year, overdue: s.overdue };
      return { ...told, ownerName: nameOf(ports, p.owner), open: open ?? null };
    }),
  };
}

/** Asks the department of a source about one value of a record; what is being corrected already is not asked again. */
export async function raiseRecord(
  ports: RecordPorts & Pick<Deps, 'notices'>,
  target: RecordTarget,
  what: string,
  comment: string,
  asked: Asked,
): Promise<z.input<typeof recordAnswer>> {
  const of = await placesOf(ports, target, asked);
  const place = of.places.find((p) => ('fact' in target ? p.field : p.attribute) === what);
  // What is withheld from somebody is as if the record had no such field.
  if (!place) throw new Problem(fieldUnseen, { field: what });
  const { principal: p, purpose } = asked;
  const at = ports.clock.now();
  const today = cityDay(at);
  const { due, missingYear } = correctionDue(today);
  const id = await ports.db.tx(async (trx) => {
    const known = standingOf(await standing(trx, [place.fact], today), of, place);
    if (known) throw new Problem(alreadyOpen, { id: known.id });
    const made = await sql<{
      id: number;
    }>`INSERT INTO libraries.correction (library, subject, entity, field, source, owner, fact, raised_by,
        raised_organisation, raised_at, due, missing_year, comment, by_login, at)
      VALUES (${of.library}, ${of.subject}, ${of.entity}, ${place.field}, ${place.source}, ${place.owner},
        ${place.fact.toString()}::bigint, ${p.login}, ${p.organisation}, ${at}, ${due}::date, ${missingYear}::integer,
        ${comment}, ${p.login}, ${at})
      ON CONFLICT DO NOTHING RETURNING id`.execute(trx);
    const raised = made.rows[0]?.id;
    // Somebody else asked at the same moment.
    if (raised === undefined) {
      const other = standingOf(await standing(trx, [place.fact], today), of, place);
      throw new Problem(alreadyOpen, { id: other?.id ?? '…' });
    }
    await sql`INSERT INTO libraries.correction_entry (correction, state, comment, by_login, organisation, at)
      VALUES (${raised}, 'open', ${comment}, ${p.login}, ${p.organisation}, ${at})`.execute(trx);
    await tellOwners(ports, trx, [{ id: raised, owner: place.owner }]);
    const about = purpose ?? p.purpose;
    await ports.audit.append(
      {
        ...{ actor: p, action: 'correction.raise', object: `${of.library}/${of.entity ?? `fact-${place.fact}`}` },
        ...{
          outcome: 'ok',
          detail: { raised: 1, known: 0, correction: raised, source: place.source, field: place.field },
        },
        ...(about ? { purpose: about } : {}),
      },
      trx,
    );
    return raised;
  });
  return {
    ...{ id, field: place.field, title: place.title, source: place.source, sourceTitle: place.sourceTitle },
    ...{ owner: place.owner, ownerName: nameOf(ports, place.owner), due, missingYear },
  };
}
