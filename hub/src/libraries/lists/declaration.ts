/**
 * What a folder of a comparison list (比对清单) declares: `lists/<id>/list.yaml` beside `who.sql` (who should: entity,
 * division, reason, due), `done.sql` (who has: entity) and, when some are excused, `except.sql` (entity). Members of the list
 * are those of `who` that are neither in `done` nor in `except` (应检未检).
 */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';

/** Levels of government that a list is delivered to; the length of a division's code tells them apart. */
export const jurisdictionLevels = ['city', 'county', 'town'] as const;
export type JurisdictionLevel = (typeof jurisdictionLevels)[number];
const digits: Record<JurisdictionLevel, number> = { city: 4, county: 6, town: 9 };

/** The level of a division's code (GB/T 2260, GB/T 10114), or undefined for what is none. */
export const levelOf = (code: string): JurisdictionLevel | undefined =>
  jurisdictionLevels.find((l) => digits[l] === code.length);

const organisation = z.string().regex(/^[a-z][a-z0-9]*$/);

/** A state in which a member's case may be; `open` is where every case begins. */
export const followState = z.strictObject({ id: z.string().regex(/^[a-z][a-z-]{0,30}$/), title: bilingual });

/** The states of a list that declares none of its own. */
export const usualStates: z.output<typeof followState>[] = [
  { id: 'open', title: { zh: '待办理', en: 'Open' } },
  { id: 'contacted', title: { zh: '已联系', en: 'Contacted' } },
  { id: 'done', title: { zh: '已办结', en: 'Done' } },
  { id: 'cannot', title: { zh: '无法办理', en: 'Cannot be done' } },
];

export const listDeclaration = z.strictObject({
  /** The folder's name. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/),
  title: bilingual,
  purpose: bilingual,
  /** The legal ground (法律依据). */
  ground: bilingual,
  /** The organisation that answers for the list. */
  owner: organisation,
  /** Whose entities the members are: of v.legal_person_v1 or of v.person_v1. */
  subject: z.enum(['legal-person', 'person']),
  cadence: z.enum(['daily', 'weekly', 'monthly']),
  /** Level of the data (GB/T 43697). */
  level: z.enum(['core', 'important', 'general']),
  states: z.array(followState).min(2).default(usualStates),
  /** Who receives it; each sees the members of its own division only. `all` towns: whoever has a town's jurisdiction. */
  entitled: z.strictObject({
    city: z.array(organisation).default([]),
    county: z.array(organisation).default([]),
    town: z.union([z.literal('all'), z.array(organisation)]).default([]),
  }),
  /** Longest time that a run may take, in seconds. */
  seconds: z.number().int().min(1).max(600).default(120),
});
export type ListDeclaration = z.output<typeof listDeclaration>;

/** `lists/jurisdictions.yaml`: which division an organisation answers for. */
export const jurisdictionFile = z.strictObject({
  jurisdictions: z
    .array(
      z.strictObject({
        organisation,
        division: z.string().regex(/^(\d{4}|\d{6}|\d{9})$/),
        /** Of organisations that the catalogue does not list (offices of towns). */
        name: bilingual.optional(),
      }),
    )
    .default([]),
});
export type Jurisdiction = z.output<typeof jurisdictionFile>['jurisdictions'][number];
