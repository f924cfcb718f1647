/**
 * The Chinese profile (GB/T 34283-2017, GB/T 35965.1-2018): identifiers of 31 characters, colours, event codes. The schema of CAP knows no
 * colours: a released message carries its severity as CAP names it and the colour as a parameter.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Colour, colours, type Level, levelOf } from '../pure/index.ts';
import type { CapAlert } from './model.ts';

/** Who issues warnings for a city: `cities/<city>/warnings.yaml`. */
export const issuerSchema = z.strictObject({
  /** Address or domain that names the sender in CAP: no spaces, no commas. */
  sender: z.string().regex(/^[^\s,<&]{3,100}$/),
  senderName: z.strictObject({ zh: z.string().min(1).max(80), en: z.string().min(1).max(120) }),
  /** Division of GB/T 2260, six digits. */
  division: z.string().regex(/^\d{6}$/),
  /** Department of GB/T 4657, three digits; unit and extension of the issuing body. */
  sector: z.string().regex(/^\d{3}$/),
  unit: z
    .string()
    .regex(/^\d{3}$/)
    .default('000'),
  extension: z
    .string()
    .regex(/^\d{2}$/)
    .default('00'),
  contact: z.string().max(100).optional(),
});
export type Issuer = z.output<typeof issuerSchema>;

/** An event that warnings are issued for. */
export interface WarningEvent {
  code: string;
  zh: string;
  en: string;
  category: string;
}

/** The table of event codes, `standards/warning-events.yaml`. */
export function readEvents(standards: string): WarningEvent[] {
  const rows = z
    .object({
      events: z.array(z.strictObject({ code: z.string(), zh: z.string(), en: z.string(), category: z.string() })),
    })
    .parse(parse(readFileSync(join(standards, 'warning-events.yaml'), 'utf8')));
  return rows.events;
}

const beijing = (at: Date) => new Date(at.getTime() + 8 * 3_600_000).toISOString();
/** An instant as CAP wants it: `2026-07-01T08:00:00+08:00`. */
export const capTime = (at: Date): string => `${beijing(at).slice(0, 19)}+08:00`;

/** `ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N`. */
export function identifierOf(issuer: Issuer, at: Date, serial: number): string {
  const stamp = beijing(at).slice(0, 19).replace(/[-:T]/g, '');
  return `${issuer.division}${issuer.sector}${issuer.unit}${issuer.extension}_${stamp}_${serial}`;
}

/** The parts of a national identifier; undefined where it is not one. */
export function identifierParts(
  text: string,
): { division: string; sector: string; at: Date; serial: number } | undefined {
  const m = /^(\d{6})(\d{3})\d{3}\d{2}_(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)_(\d)$/.exec(text);
  if (!m) return undefined;
  const iso = `${m[3]}-${m[4]}-${m[5]}T${m[6]}:${m[7]}:${m[8]}+08:00`;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime()) || capTime(at) !== iso) return undefined;
  return { division: m[1]!, sector: m[2]!, at, serial: Number(m[9]) };
}

/** Name of the parameter that carries the colour in messages that this hub releases. */
export const COLOUR = 'cn:colour';
/** Value names of event codes of the national table. */
export const EVENT = 'cn:eventType';

/** CAP's severity of a colour. */
export const severityOf: Readonly<Record<Colour, string>> = {
  red: 'Extreme',
  orange: 'Severe',
  yellow: 'Moderate',
  blue: 'Minor',
};

/** Level of a message: by its colour where it has one, by its severity otherwise; what is unknown counts as blue. */
export function levelOfCap(alert: CapAlert): Level {
  let level: Level = 0;
  for (const info of alert.infos) {
    const named = info.parameters.find((p) => /colou?r/i.test(p.name))?.value.toLowerCase() ?? '';
    const colour = colours.find((c) => c === named);
    const bySeverity = colours.find((c) => severityOf[c] === info.severity) ?? 'blue';
    level = Math.max(level, levelOf(colour ?? bySeverity)) as Level;
  }
  return level || 1;
}
