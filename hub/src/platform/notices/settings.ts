/** What a person wants of notices: channels by kind, quiet hours, the digest. The page has everything, always. */
import { z } from 'zod';
import { kindNames, kindOf, mailModes } from './kinds.ts';
import { digestRhythms } from './times.ts';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const name = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);

/** The settings as they are kept; whatever is missing is as the kind and the hub have it. */
export const settingsSchema = z.strictObject({
  /** By kind: how mail carries it, and which declared channels do. */
  kinds: z
    .record(
      z.string().max(60),
      z.strictObject({ mail: z.enum(mailModes).optional(), messages: z.array(name).max(20).optional() }),
    )
    .default({}),
  quiet: z.strictObject({ from: time, to: time }).nullable().default(null),
  /** Whether what is urgent comes in quiet hours as well. */
  urgentAlways: z.boolean().default(true),
  digest: z
    .strictObject({ rhythm: z.enum(digestRhythms).default('daily'), hour: z.int().min(0).max(23).default(8) })
    .prefault({}),
});
export type Settings = z.output<typeof settingsSchema>;

/** Of who has set nothing. */
export const defaultSettings: Settings = settingsSchema.parse({});

/** How mail carries a kind for a person. */
export const mailMode = (s: Settings, kind: string) => s.kinds[kind]?.mail ?? kindOf(kind).mail;

/** The declared channels that carry a kind for a person. */
export function messagesOf(s: Settings, kind: string, declared: readonly string[]): string[] {
  const chosen = s.kinds[kind]?.messages;
  if (chosen) return declared.filter((c) => chosen.includes(c));
  return kindOf(kind).messages ? [...declared] : [];
}

/** Settings without kinds that are not known any more. */
export const pruned = (s: Settings): Settings => ({
  ...s,
  kinds: Object.fromEntries(Object.entries(s.kinds).filter(([k]) => (kindNames as string[]).includes(k))),
});
