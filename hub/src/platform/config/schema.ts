/**
 * The one configuration of a hub. Every option has a description (`describe`) and, where there can be one, a default;
 * `describeConfig()` makes the documentation from here. Sizes say their unit in their name.
 */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';
import { archives } from './archives.ts';
import { backup } from './backup.ts';
import { erasure } from './erasure.ts';
import { notices } from './notices.ts';
import { open } from './open.ts';
import { operations } from './operations.ts';
import { people } from './people.ts';
import { seal } from './seal.ts';
import { sensing } from './sensing.ts';
import { subscriptions } from './subscriptions.ts';
import { telemetry } from './telemetry.ts';
import { tls } from './tls.ts';
import { vault } from './vault.ts';
import { workbench } from './workbench.ts';

const minutes = (value: number, text: string) => z.number().int().min(1).max(525_600).default(value).describe(text);

const httpUrl = z.url({ protocol: /^https?$/ });

const limits = z
  .strictObject({
    bodyMiB: z
      .number()
      .min(1)
      .max(4096)
      .default(10)
      .describe('Largest request body in MiB, where a route sets no other'),
    requestsPerMinute: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(1200)
      .describe('Requests a minute from one address before 429 is answered, where a route sets no other'),
    requestTimeoutSeconds: z
      .number()
      .int()
      .min(1)
      .max(86_400)
      .default(300)
      .describe('Longest time to receive a request'),
  })
  .prefault({})
  .describe('Limits of requests');

const http = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for every network'),
    port: z.number().int().min(0).max(65_535).default(8420).describe('Port to listen on; 0 takes a free one'),
    publicUrl: httpUrl
      .optional()
      .describe(
        'How browsers reach the hub (https://…) when it stands behind a proxy; cookies are Secure when it is https',
      ),
    trustProxy: z
      .union([z.boolean(), z.string().min(1)])
      .default(false)
      .describe(
        'Whether X-Forwarded-* headers are believed: false; true for the one proxy in front; or the addresses of the proxies, with commas between',
      ),
    metricsToken: z
      .string()
      .min(16)
      .optional()
      .describe('Bearer token that /metrics asks for; without it only this machine may read the metrics'),
    tls,
    limits,
  })
  .refine((h) => h.tls === undefined || h.publicUrl?.startsWith('https://'), {
    path: ['publicUrl'],
    error: '使用 tls 时须填写 https 的 publicUrl / with tls a publicUrl of https is needed',
  })
  .prefault({})
  .describe('The web server');

const db = z
  .strictObject({
    url: z
      .string()
      .regex(
        /^postgres(ql)?:\/\//,
        message('应为 postgres://用户:口令@主机:端口/库', 'expected postgres://user:password@host:port/database'),
      )
      .optional()
      .describe('A PostgreSQL 15+ server; without it the hub keeps its operational state itself, in <dataFolder>/pg'),
    connections: z.number().int().min(2).max(200).default(10).describe('Connections to the server at most'),
  })
  .prefault({})
  .describe('The operational store');

const lake = z
  .strictObject({
    memoryMiB: z.number().int().min(256).max(4_194_304).default(4096).describe('Memory that bulk work may use, in MiB'),
    threads: z.number().int().min(1).max(512).default(2).describe('Threads that bulk work may use'),
  })
  .prefault({})
  .describe('The lake');

const password = z
  .strictObject({
    minLength: z.number().int().min(8).max(128).default(12).describe('Shortest password'),
    classes: z
      .number()
      .int()
      .min(1)
      .max(4)
      .default(3)
      .describe('How many of lower case, upper case, digits and other characters a password must have'),
    maxAgeDays: z
      .number()
      .int()
      .min(0)
      .max(3650)
      .default(90)
      .describe('Days until a password must be changed; 0: never'),
    history: z.number().int().min(0).max(24).default(5).describe('Former passwords that may not be used again'),
  })
  .prefault({})
  .describe('Password policy');

const oidc = z
  .strictObject({
    issuer: httpUrl.describe('Issuer of the OpenID Connect provider'),
    clientId: z.string().min(1).describe('Client id at the provider'),
    clientSecret: z.string().min(1).describe('Client secret at the provider'),
    scopes: z.string().default('openid profile').describe('Scopes asked for'),
    loginClaim: z.string().min(1).default('preferred_username').describe('Claim that names the account here'),
    label: z.string().min(1).default('统一身份认证').describe('What the button on the sign-in page says'),
    allowInsecure: z.boolean().default(false).describe('Whether an http issuer is accepted (tests only)'),
  })
  .optional()
  .describe('Sign-in by OpenID Connect; absent: accounts of the hub only');

const auth = z
  .strictObject({
    sessionIdleMinutes: minutes(30, 'Minutes without a request after which a session ends'),
    sessionAbsoluteMinutes: minutes(600, 'Minutes after which a session ends in any case'),
    lockoutFailures: z.number().int().min(3).max(100).default(5).describe('Failed sign-ins that lock an account'),
    lockoutMinutes: minutes(15, 'Minutes for which an account stays locked'),
    password,
    oidc,
  })
  .prefault({})
  .describe('Accounts and sessions');

const exchange = z
  .strictObject({
    pushKeyDays: z
      .number()
      .int()
      .min(1)
      .max(36_500)
      .default(365)
      .describe(
        'Days for which the Idempotency-Key of a pushed batch is answered with its receipt; later it is refused',
      ),
  })
  .prefault({})
  .describe('Collection');

const credit = z
  .strictObject({
    exportRows: z.number().int().min(1).max(1_048_575).default(200_000).describe('Most records of one export'),
    leastCell: z
      .number()
      .int()
      .min(3)
      .max(1000)
      .default(5)
      .describe('De-identified statistics tell of no fewer enterprises than this (k)'),
    releaseDays: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .default(30)
      .describe('Days between two releases of de-identified statistics'),
    warningDays: z
      .strictObject({
        high: z.number().int().min(1).max(365).default(3).describe('for a grave warning'),
        medium: z.number().int().min(1).max(365).default(10).describe('for a middling one'),
        low: z.number().int().min(1).max(365).default(30).describe('for a light one'),
      })
      .prefault({})
      .describe('Days within which a warning is to be handled'),
  })
  .prefault({})
  .describe('Credit look-up');

const log = z
  .strictObject({
    level: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('Least level logged'),
  })
  .prefault({})
  .describe('The log (JSON lines on standard error, without personal data)');

const secret = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('database'),
      url: z
        .string()
        .regex(
          /^(postgres(ql)?|mysql|mariadb):\/\//,
          message('应为 postgres://… 或 mysql://…', 'expected postgres://… or mysql://…'),
        ),
    }),
    z.strictObject({
      kind: z.literal('oauth2'),
      clientId: z.string().min(1),
      clientSecret: z.string().min(1),
    }),
    z.strictObject({ kind: z.literal('bearer'), token: z.string().min(1) }),
    z.strictObject({ kind: z.literal('basic'), user: z.string(), password: z.string() }),
  ])
  .describe(
    'One credential: database {url}, oauth2 {clientId, clientSecret}, bearer {token} or basic {user, password}',
  );

/** The whole configuration. Unknown keys are refused. */
export const configSchema = z.strictObject({
  dataFolder: z.string().min(1).default('data').describe('Folder of everything that the hub keeps'),
  city: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, message('应为小写字母、数字和 -', 'expected lower case letters, digits and -'))
    .default('cixi')
    .describe('The city: a folder under cities/'),
  demo: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Whether the hub shows a synthetic city (marked on every page)'),
      rows: z
        .number()
        .int()
        .min(0)
        .max(2_000_000_000)
        .refine((n) => n === 0 || n >= 2000, { error: '至少 2000 行，或 0 / at least 2000, or 0' })
        .default(20_000)
        .describe("Rows of the synthetic city's departments, about; at least 2000, or 0 for the accounts alone"),
      seed: z.number().int().min(0).max(4_294_967_295).default(1).describe('Seed of the synthetic city'),
      pace: z
        .number()
        .min(0)
        .max(10)
        .default(1)
        .describe('How fast the simulated sensors report: 1 = each at its own interval, 0 = there are none'),
    })
    .prefault({})
    .describe('Demonstration with a synthetic city'),
  http,
  db,
  lake,
  auth,
  vault,
  exchange,
  credit,
  archives,
  backup,
  open,
  operations,
  seal,
  subscriptions,
  sensing,
  notices,
  people,
  erasure,
  workbench,
  telemetry,
  log,
  secrets: z
    .record(
      z
        .string()
        .regex(/^[a-z][a-z0-9-]*$/, message('应为小写字母、数字和 -', 'expected lower case letters, digits and -')),
      secret,
    )
    .default({})
    .describe('Named credentials that sources refer to; they never appear in declarations, logs or answers'),
});

/** A checked configuration with every default filled in. */
export type Config = z.output<typeof configSchema>;
/** What a configuration file may say. */
export type ConfigInput = z.input<typeof configSchema>;
/** One named credential of a source. */
export type Secret = z.output<typeof secret>;
