/**
 * Channels that a city declares (短信、工作群): `channels/<name>.yaml` says which address is called with which body. No product is
 * known here: what differs between them is in the file. Templates name what is put in, and what is put in is escaped as JSON.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Secret } from '../../config/index.ts';
import { readYaml } from '../../declared/index.ts';
import { Problem } from '../../problem.ts';
import { secretMissing, templateWrong } from '../problems.ts';

const bilingual = z.strictObject({ zh: z.string().min(1).max(60), en: z.string().min(1).max(60) });

/** A channel's file. */
export const channelSchema = z.strictObject({
  title: bilingual,
  enabled: z.boolean().default(true),
  /** What of a person the receiver is told. */
  address: z.enum(['phone', 'handle']),
  url: z.string().min(8).max(1000),
  method: z.enum(['POST', 'PUT']).default('POST'),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().max(500)).default({}),
  /** JSON with placeholders inside its strings: `"text": "{title.zh}"`. */
  body: z.string().min(2).max(8000),
  expect: z
    .strictObject({
      status: z.array(z.number().int().min(200).max(299)).min(1).default([200, 201, 202, 204]),
      /** A place in the answer's JSON and what must stand there, for receivers that say 200 to everything. */
      field: z.string().max(100).optional(),
      equals: z.union([z.string(), z.number(), z.boolean()]).optional(),
    })
    .prefault({}),
  limits: z
    .strictObject({
      perMinute: z.number().int().min(1).max(6000).default(60),
      timeoutSeconds: z.number().int().min(1).max(60).default(10),
      bytes: z.number().int().min(200).max(65_536).default(4096),
    })
    .prefault({}),
});

/** A channel as it is declared. */
export type ChannelDeclaration = z.output<typeof channelSchema>;

/** A file of the folder: what it declares, or what is wrong with it. */
export interface DeclaredChannel {
  name: string;
  declaration: ChannelDeclaration | undefined;
  problems: Problem[];
}

/** What a template may name. */
export const placeholders = [
  ...['to', 'title.zh', 'title.en', 'text.zh', 'text.en', 'link', 'urgency', 'kind', 'id', 'at'],
] as const;
export type Placeholder = (typeof placeholders)[number];

const NAMED = /\{([a-z.]+)\}/g;
const SECRET = /\{secret:([a-z][a-z0-9-]*)\}/g;

/** Puts values into a template; each is written as the inside of a JSON string, so that none of them can be anything else. */
export const filled = (template: string, values: Record<Placeholder, string>): string =>
  template.replace(NAMED, (whole, name: string) =>
    Object.hasOwn(values, name) ? JSON.stringify(values[name as Placeholder]).slice(1, -1) : whole,
  );

/** Puts credentials into an address or a header. */
export const withSecrets = (text: string, secrets: Readonly<Record<string, Secret>>): string =>
  text.replace(SECRET, (_, name: string) => {
    const found = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    if (found?.kind === 'bearer') return found.token;
    if (found?.kind === 'basic') return Buffer.from(`${found.user}:${found.password}`).toString('base64');
    throw new Problem(secretMissing, { secret: name });
  });

/** What is wrong with a declaration beyond its form. */
export function faultsOf(d: ChannelDeclaration, secrets: Readonly<Record<string, Secret>>, shown: string): Problem[] {
  const faults: Problem[] = [];
  const trial = Object.fromEntries(placeholders.map((n) => [n, '"\\\n'])) as Record<Placeholder, string>;
  for (const [, name] of d.body.matchAll(NAMED))
    if (!placeholders.includes(name as Placeholder))
      faults.push(new Problem(templateWrong, { name }, { file: shown, pointer: '/body' }));
  const notJson = (message: string) => new Problem(templateWrong, { name: message }, { file: shown, pointer: '/body' });
  try {
    JSON.parse(filled(d.body, trial));
  } catch {
    faults.push(notJson('JSON'));
  }
  try {
    const url = new URL(withSecrets(d.url, secrets));
    if (!/^https?:$/.test(url.protocol) || url.username || url.hash)
      faults.push(new Problem(templateWrong, { name: 'url' }, { file: shown, pointer: '/url' }));
    for (const value of Object.values(d.headers)) withSecrets(value, secrets);
  } catch (error) {
    faults.push(
      error instanceof Problem ? error : new Problem(templateWrong, { name: 'url' }, { file: shown, pointer: '/url' }),
    );
  }
  return faults;
}

/** Every channel of a folder, by name; a folder that is not there declares none. */
export function readChannels(folder: string, secrets: Readonly<Record<string, Secret>>): DeclaredChannel[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((f) => /^[a-z][a-z0-9-]{0,40}\.yaml$/.test(f) && f !== 'mail.yaml')
    .sort()
    .map((f) => {
      const shown = `channels/${f}`;
      const read = readYaml(join(folder, f), shown, channelSchema);
      const problems = [...read.problems];
      if (read.value?.enabled) problems.push(...faultsOf(read.value, secrets, shown));
      return { name: f.slice(0, -5), declaration: read.value, problems };
    });
}
