/**
 * Requests and answers of seals and trust over HTTP, as schemas. Instants are ISO 8601 in UTC; seconds of the calendar are Unix seconds as
 * numbers; imprints are hexadecimal: the algorithm's number and the digest.
 */
import { z } from 'zod';
import { organisationId } from '../auth/api.ts';
import { sealKinds } from './port.ts';

const bilingual = z.object({ zh: z.string(), en: z.string() });
const instant = z.string().describe('an instant in UTC');
const second = z.number().int().min(0).max(253_402_300_799).describe('Unix second');
const imprintHex = z.string().describe("the algorithm's number and the digest, hexadecimal");
const page = z.coerce.number().int().min(1).max(200).default(50).describe('at most so many');

export const kindSchema = z.enum(sealKinds);

/** A seal without its signature's bytes. */
export const sealBrief = z
  .object({
    id: z.number().int(),
    kind: kindSchema,
    subject: z.string(),
    title: bilingual,
    organisation: z.string().nullable(),
    imprint: imprintHex,
    level: z.number().int(),
    facts: z.record(z.string(), z.union([z.string(), z.number()])),
    state: z.enum(['pending', 'sealed']),
    requestedAt: instant,
    signedAt: instant.nullable(),
    publishedAt: instant.nullable(),
  })
  .meta({ id: 'SealBrief' });

/** What a verification says now. */
export const verdictSchema = z
  .object({
    outcome: z.enum(['ok', 'failed', 'inconclusive']),
    code: z.string().nullable().describe('code of the format, such as INT-03'),
    sentence: bilingual,
    by: z.enum(['publication', 'key']).nullable().describe('what proves it: a publication, or until then the key'),
    publication: instant.nullable().describe('time of the publication that proves it'),
  })
  .meta({ id: 'SealVerdict' });

/** A seal whole. */
export const sealWhole = sealBrief
  .extend({
    reference: z.string().describe('unguessable number of the certificate, for its printed link'),
    signature: z.string().nullable().describe('base64'),
    verdict: verdictSchema.nullable().describe('null while pending'),
  })
  .meta({ id: 'Seal' });

export const sealPath = z.object({ seal: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
export const sealQuery = z.object({
  kind: kindSchema.optional(),
  subject: z.string().min(1).max(200).optional().describe('a subject, or what subjects begin with where it ends in /'),
  state: z.enum(['pending', 'sealed']).optional(),
  imprint: z
    .string()
    .regex(/^(?:[0-9a-f]{2}){1,65}$/i)
    .optional(),
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: page,
});
export const sealPage = z.object({
  items: z.array(sealBrief),
  next: z.number().int().nullable().describe('`before` of the following page'),
});
export const sealSummary = z.object({
  kinds: z.array(
    z.object({ kind: kindSchema, sealed: z.number().int(), pending: z.number().int(), extended: z.number().int() }),
  ),
  pending: z.number().int(),
  oldestPending: instant.nullable(),
  lastSigned: instant.nullable(),
  fault: bilingual.nullable().describe('why nothing is signed at present'),
});
export const fileSealRequest = z.object({
  name: z.string().trim().min(1).max(255).describe("the file's name; no personal data"),
  imprint: z.string().regex(/^(?:[0-9a-f]{2}){1,65}$/i),
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('bytes'),
});
export const rowPath = z.object({
  run: z.coerce.number().int().min(1).max(2_147_483_647),
  row: z.coerce.number().int().min(1).max(2_147_483_647),
});

/** What strangers may know of a seal whose certificate they hold. */
export const certificate = z
  .object({
    kind: kindSchema,
    title: bilingual.nullable().describe('only of what is public by itself'),
    imprint: imprintHex,
    level: z.number().int(),
    state: z.enum(['pending', 'sealed']),
    organisation: z.string().nullable(),
    signedAt: instant.nullable(),
    publishedAt: instant.nullable(),
    signature: z.string().nullable().describe('base64'),
    verdict: verdictSchema.nullable(),
  })
  .meta({ id: 'SealCertificate' });
export const referencePath = z.object({ reference: z.string().regex(/^[A-Za-z0-9_-]{22}$/) });

export const trustStatus = z
  .object({
    name: bilingual.describe('name of the service'),
    email: z.string().describe("e-mail address in the certificate of the publications file's editor"),
    algorithm: z.string(),
    authority: z.string().describe('kind of key that signs the calendar until the next publication'),
    publicUrl: z.string().nullable().describe('where browsers reach the hub, where that is configured'),
    parent: z.string().nullable().describe('the service above, whose calendar this one uses'),
    firstSecond: second.nullable(),
    lastSecond: second.nullable(),
    lastPublication: instant.nullable(),
    seals: z.number().int().describe('sealed so far'),
    signing: z.boolean().describe('whether it signs at present'),
    alarm: bilingual.nullable().describe('why it does not'),
  })
  .meta({ id: 'TrustStatus' });
export const publicationView = z
  .object({
    time: second,
    at: instant,
    printed: z.string().describe('what is printed in a newspaper or gazette'),
    root: imprintHex,
    seals: z.number().int().describe('seals extended to it'),
  })
  .meta({ id: 'TrustPublication' });
export const publicationList = z.object({ items: z.array(publicationView), next: z.number().int().nullable() });
const wholeSecond = z.coerce.number().int().min(0).max(253_402_300_799);
export const publicationQuery = z.object({ before: wholeSecond.optional(), limit: page });
export const timePath = z.object({ time: wholeSecond });
export const calendarSecond = z
  .object({
    time: second,
    at: instant,
    root: imprintHex.describe('root of what was signed in this second'),
    calendarRoot: imprintHex.describe('root of the calendar up to and with this second'),
  })
  .meta({ id: 'TrustSecond' });
export const calendarQuery = z.object({ before: wholeSecond.optional(), limit: page });
export const calendarList = z.object({ items: z.array(calendarSecond), next: z.number().int().nullable() });
export const extendRequest = z.object({ aggregationTime: second, publicationTime: second.optional() });
export const extendAnswer = z.object({ chain: z.string().describe('calendar hash chain (0x802), base64') });

/** An outside client of the signing service. */
export const clientView = z
  .object({
    login: z.string(),
    organisation: z.string().nullable(),
    algorithm: z.enum(['sha256', 'sha512', 'sm3']).describe('hash of its message authentication codes'),
    perSecond: z.number().int().describe('requests a second at most'),
    disabled: z.boolean(),
    createdAt: instant,
    createdBy: z.string(),
    changedAt: instant,
  })
  .meta({ id: 'SealClient' });
export const clientList = z.object({ items: z.array(clientView) });
const perSecond = z.number().int().min(1).max(1_000_000);
export const clientRequest = z.object({
  login: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._@-]{1,63}$/)
    .describe('2 to 64 lower case letters, digits and . _ @ -'),
  organisation: organisationId.nullable().default(null),
  algorithm: z.enum(['sha256', 'sha512', 'sm3']).default('sha256'),
  perSecond: perSecond.default(100),
});
export const clientPatch = z.object({
  organisation: organisationId.nullable().optional(),
  perSecond: perSecond.optional(),
  disabled: z.boolean().optional(),
  newKey: z.literal(true).optional().describe('makes a new key; the old one ends at once'),
});
export const clientCreated = clientView
  .extend({ key: z.string().nullable().describe('shown this once; null where none was made') })
  .meta({ id: 'SealClientCreated' });
export const clientPath = z.object({ login: z.string().min(1).max(64) });
