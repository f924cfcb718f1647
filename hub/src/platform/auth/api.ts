/**
 * Every request and answer of the accounts', audit's and vault's HTTP interface, as schemas: the routes validate by
 * them, the OpenAPI description and the console's types are made from them. Instants are ISO 8601 in UTC.
 */
import { z } from 'zod';
import { permissions, roles } from './principal.ts';

const instant = z.iso.datetime().describe('an instant in UTC');
export const roleSchema = z.enum(roles);
export const permissionSchema = z.enum(permissions);

/** Login names: 2 to 64 of lower case letters, digits, `.`, `_`, `-`, `@`. */
export const loginName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9][a-z0-9._@-]{1,63}$/,
    '2 to 64 lower case letters, digits and . _ @ -, starting with a letter or digit',
  );
/** Organisation id as in cities/<city>/organisations.yaml. */
export const organisationId = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

/** What a sign-in page needs to know before anyone is signed in: GET /api/v1/sign-in. */
export const signInOptions = z.object({
  city: z.object({ zh: z.string(), en: z.string() }).optional().describe('the city that the hub serves'),
  demo: z.boolean().describe('the hub runs with demo data; every page is marked'),
  oidc: z.object({ label: z.string(), start: z.string() }).nullable().describe('sign-in through another provider'),
  passwordPolicy: z
    .object({
      minLength: z.number().int().describe('characters'),
      classes: z.number().int().describe('of upper case, lower case, digits and others, how many at least'),
      history: z.number().int().describe('former passwords that may not be used again'),
    })
    .describe('what a new password must fulfil'),
});

/** POST /api/v1/session. `code` is the six digits of TOTP or a recovery code, when the account asks for one. */
export const signInRequest = z.object({
  login: z.string().min(1).max(64),
  password: z.string().min(1).max(1024),
  code: z.string().max(32).optional(),
});

/** Purposes for which personal data may be looked at. */
export const purposeCodes = [
  'credit-check',
  'data-quality',
  'correction',
  'supervision',
  'statistics',
  'complaint',
  'legal-duty',
] as const;

/** POST /api/v1/me/purpose: chosen once per session; null takes it back (DELETE). */
export const purposeRequest = z.object({
  code: z.enum(purposeCodes),
  caseReference: z.string().trim().min(1).max(100).describe('number of the matter, order or complaint (文号、案号)'),
  text: z.string().trim().min(4).max(500).describe('why, in a sentence'),
});
export const purposeView = purposeRequest.extend({ chosenAt: instant });

/** GET /api/v1/me, and the answer to signing in. */
export const meView = z.object({
  user: z.object({
    id: z.string(),
    login: z.string(),
    name: z.string(),
    organisation: z.string().nullable(),
  }),
  roles: z.array(roleSchema),
  permissions: z.array(permissionSchema),
  acting: z
    .array(z.object({ role: roleSchema, for: z.string() }))
    .describe('roles among them that colleagues lent, with the login of whose they are'),
  standsFor: z.string().nullable().describe('the former organisation that this session stands for'),
  purpose: purposeView.nullable(),
  session: z.object({
    id: z.string(),
    method: z.enum(['password', 'oidc']),
    startedAt: instant,
    idleUntil: instant,
    endsAt: instant,
  }),
  mustChangePassword: z.boolean().describe('nothing but changing the password works until this is false'),
  totp: z.object({ enabled: z.boolean(), recoveryCodesLeft: z.number().int() }),
  demo: z.boolean(),
});

/** POST /api/v1/me/password. Ends the user's other sessions. */
export const passwordRequest = z.object({
  current: z.string().min(1).max(1024),
  next: z.string().min(1).max(1024),
});

/** POST /api/v1/me/totp (password again) → a secret to put into an authenticator; not in force until confirmed. */
export const totpEnrolRequest = z.object({ password: z.string().min(1).max(1024) });
export const totpEnrolment = z.object({
  secret: z.string().describe('base32, for typing'),
  otpauthUrl: z.string().describe('otpauth://totp/…, for a QR code'),
});
/** POST /api/v1/me/totp/confirm → recovery codes, shown once. */
export const totpConfirmRequest = z.object({ code: z.string().regex(/^\d{6}$/) });
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
/** POST /api/v1/me/totp/remove. */
export const totpRemoveRequest = z.object({ password: z.string().min(1).max(1024), code: z.string().min(1).max(32) });

/** GET /api/v1/me/sessions; DELETE /api/v1/me/sessions/{id}. */
export const sessionView = z.object({
  id: z.string(),
  method: z.enum(['password', 'oidc']),
  address: z.string().describe('network address of the sign-in'),
  agent: z.string().describe('browser'),
  startedAt: instant,
  lastSeenAt: instant,
  endsAt: instant,
  current: z.boolean(),
});
export const sessionList = z.object({ items: z.array(sessionView) });
export const sessionPath = z.object({ id: z.uuid() });

/** A role that a user holds. Bound to an organisation it counts only while the user belongs to that organisation. */
export const grantView = z.object({
  role: roleSchema,
  organisation: z.string().nullable(),
  grantedAt: instant,
  grantedBy: z.string().nullable().describe('login of the security administrator; null: at first start'),
  effective: z.boolean(),
});

/** GET /api/v1/users and its items. */
export const userView = z.object({
  id: z.string(),
  login: z.string(),
  name: z.string(),
  organisation: z.string().nullable(),
  disabled: z.boolean(),
  lockedUntil: instant.nullable(),
  mustChangePassword: z.boolean(),
  totp: z.boolean(),
  oidc: z.boolean().describe('bound to an account of the other provider'),
  grants: z.array(grantView),
  createdAt: instant,
  lastSignInAt: instant.nullable(),
});
export const userQuery = z.object({
  q: z.string().max(100).optional().describe('part of the login or the name'),
  organisation: organisationId.optional(),
  role: roleSchema.optional(),
  state: z.enum(['active', 'disabled', 'locked']).optional(),
  after: z.string().max(64).optional().describe('login after which to go on'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const userList = z.object({ items: z.array(userView), next: z.string().nullable(), total: z.number().int() });
export const userPath = z.object({ id: z.uuid() });

/** POST /api/v1/users (system administrator). The one-time password is shown in this answer only. */
export const userCreateRequest = z.object({
  login: loginName,
  name: z.string().trim().min(1).max(100),
  organisation: organisationId.nullable().default(null),
  oidcSubject: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("the user's name at the other provider, by the configured claim"),
});
export const userCreated = z.object({ user: userView, oneTimePassword: z.string() });

/** PATCH /api/v1/users/{id} (system administrator): disabling ends all sessions. */
export const userPatch = z.object({
  name: z.string().trim().min(1).max(100).optional(),
  organisation: organisationId.nullable().optional(),
  disabled: z.boolean().optional(),
  oidcSubject: z.string().min(1).max(255).nullable().optional(),
});

/** PUT /api/v1/users/{id}/grants (security administrator): the whole set of roles. */
export const grantsRequest = z.object({
  grants: z
    .array(z.object({ role: roleSchema, organisation: organisationId.nullable().default(null) }))
    .max(roles.length),
  reason: z.string().trim().min(4).max(500),
});
/** POST /api/v1/users/{id}/reset (security administrator): new one-time password, optionally without TOTP. */
export const resetRequest = z.object({
  removeTotp: z.boolean().default(false),
  reason: z.string().trim().min(4).max(500),
});
export const oneTimePassword = z.object({ oneTimePassword: z.string() });
/** POST /api/v1/users/{id}/unlock (security administrator). */
export const unlockRequest = z.object({ reason: z.string().trim().min(4).max(500) });

/** GET /api/v1/roles: the table of roles and permissions. */
export const roleTable = z.object({
  roles: z.array(
    z.object({
      role: roleSchema,
      title: z.object({ zh: z.string(), en: z.string() }),
      administrator: z.boolean(),
      boundToOrganisation: z.boolean(),
      permissions: z.array(permissionSchema),
    }),
  ),
});

/** What an audited act ended in. */
export const auditOutcome = z.enum(['ok', 'refused', 'failed']);
/** One entry of the audit. `hash` is SHA-256 over the previous hash and the entry's RFC 8785 JSON, in hex. */
export const auditEntry = z.object({
  seq: z.number().int(),
  at: instant,
  actor: z.string().nullable().describe('login'),
  actorId: z.string().nullable(),
  roles: z.array(z.string()),
  sessionId: z.string().nullable(),
  action: z.string().describe('room.thing.verb, as in auth.sign-in'),
  object: z.string(),
  purpose: z.string().nullable(),
  outcome: auditOutcome,
  detail: z.record(z.string(), z.unknown()),
  hash: z.string(),
});
/** GET /api/v1/audit: newest first. GET /api/v1/audit.csv takes the same filters without `before` and `limit`. */
export const auditFilter = z.object({
  actor: z.string().max(64).optional(),
  action: z.string().max(100).optional().describe('an action or its beginning followed by *: auth.*'),
  object: z.string().max(500).optional().describe('an object or its beginning followed by *'),
  outcome: auditOutcome.optional(),
  from: instant.optional(),
  to: instant.optional().describe('exclusive'),
});
export const auditQuery = auditFilter.extend({
  before: z.coerce.number().int().positive().optional().describe('entries older than this number'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const auditPage = z.object({ items: z.array(auditEntry), next: z.number().int().nullable() });
/** POST /api/v1/audit/verify: recomputes the chain. */
export const auditVerification = z.object({
  entries: z.number().int(),
  head: z.string().describe('hash of the last entry, hex'),
  intact: z.boolean(),
  broken: z
    .object({ seq: z.number().int(), reason: z.enum(['content', 'gap', 'link']) })
    .nullable()
    .describe('the first entry that does not fit'),
});

/** POST /api/v1/vault/reveal: the reason is asked for each time, besides the session's purpose. */
export const revealRequest = z.object({
  tokens: z
    .array(z.string().regex(/^[cpb]~[a-z2-7]{26}$/))
    .min(1)
    .max(100),
  reason: z.string().trim().min(4).max(500),
});
export const revealAnswer = z.object({
  values: z.record(z.string(), z.string().nullable()).describe('token → value; null when erased or unknown'),
});

/**
 * POST /api/v1/vault/erasure (security administrator): a person's number is named by what the person wrote in the request,
 * or by its token. `dryRun` only counts; it must be said, so that nobody erases by leaving something out.
 */
export const erasureRequest = z.object({
  person: z.union([
    z.object({ kind: z.enum(['citizen-id', 'phone', 'account']), number: z.string().trim().min(4).max(64) }),
    z.object({ token: z.string().max(64) }),
  ]),
  reason: z.string().trim().min(4).max(500).describe('the request or order that asks for it (文号)'),
  dryRun: z.boolean(),
});
export const erasureAnswer = z.object({
  dryRun: z.boolean(),
  /** Spellings of the number that are in the vault, and those of them that had been erased before. */
  values: z.number().int(),
  alreadyErased: z.number().int(),
  /** Spellings erased now: 0 in a dry run. */
  erased: z.number().int(),
});

/** POST /api/v1/vault/rotation (system administrator) → the job that moves every value under a new key. */
export const rotationRequest = z.object({ reason: z.string().trim().min(4).max(500) });
export const rotationStarted = z.object({ job: z.string() });

/** GET /api/v1/oidc/callback. Providers add parameters of their own, which are kept: they belong to the checked URL. */
export const oidcCallbackQuery = z.looseObject({
  state: z.string().max(512).optional(),
  code: z.string().max(4096).optional(),
  error: z.string().max(200).optional(),
});

/** The answer of requests that only do something. */
export const done = z.object({ ok: z.literal(true) });

export type SignInRequest = z.infer<typeof signInRequest>;
export type MeView = z.infer<typeof meView>;
export type PurposeRequest = z.infer<typeof purposeRequest>;
export type SessionView = z.infer<typeof sessionView>;
export type UserView = z.infer<typeof userView>;
export type UserQuery = z.infer<typeof userQuery>;
export type UserCreateRequest = z.infer<typeof userCreateRequest>;
export type UserPatch = z.infer<typeof userPatch>;
export type GrantsRequest = z.infer<typeof grantsRequest>;
export type AuditEntry = z.infer<typeof auditEntry>;
export type AuditFilter = z.infer<typeof auditFilter>;
export type AuditQuery = z.infer<typeof auditQuery>;
export type AuditVerification = z.infer<typeof auditVerification>;
