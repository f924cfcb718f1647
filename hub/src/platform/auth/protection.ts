/**
 * Who sees a value plain, masked or not at all, and what masked looks like. Two marks decide: the level of the resource
 * (GB/T 43697: core, important, general) and the protection of the field (PIPL, GB/T 35273: public, internal,
 * personal, sensitive). The rules are one table, explained in docs/protection.md. Pure functions.
 */
import { fold, VEIL } from './folding.ts';
import type { Principal, Role } from './principal.ts';

/** Level of a resource (核心 / 重要 / 一般). */
export type Level = 'core' | 'important' | 'general';
/** Protection of a field (公开 / 内部 / 个人信息 / 敏感个人信息). */
export type Protection = 'public' | 'internal' | 'personal' | 'sensitive';
/** How a value may be seen. */
export type Visibility = 'plain' | 'masked' | 'hidden';

/** What is looked at: the resource's level and owner, the field's protection. */
export interface Guarded {
  level: Level;
  /** Organisation id of the resource's owner. */
  owner: string;
  protection: Protection;
}

/** A cell of the table: a fixed answer, or plain only when the session has named its purpose (else masked). */
type Rule = Visibility | 'with-purpose' | 'own-with-purpose';
type Row = Record<Protection, Rule>;

const nothing: Row = { public: 'hidden', internal: 'hidden', personal: 'hidden', sensitive: 'hidden' };

/** The table: role → level → protection. Administrators see no business data. */
export const protectionTable: Readonly<Record<Role, Readonly<Record<Level, Row>>>> = {
  'system-admin': everyLevel(nothing),
  'security-admin': everyLevel(nothing),
  'audit-admin': everyLevel(nothing),
  'data-steward': everyLevel({
    public: 'plain',
    internal: 'plain',
    personal: 'with-purpose',
    sensitive: 'masked',
  }),
  'data-officer': everyLevel({
    public: 'plain',
    internal: 'plain',
    personal: 'own-with-purpose',
    sensitive: 'masked',
  }),
  analyst: everyLevel({ public: 'plain', internal: 'plain', personal: 'masked', sensitive: 'hidden' }),
  'credit-user': {
    ...everyLevel({ public: 'plain', internal: 'plain', personal: 'masked', sensitive: 'hidden' }),
    core: nothing,
  },
  leader: everyLevel({ public: 'plain', internal: 'plain', personal: 'masked', sensitive: 'masked' }),
  'department-head': everyLevel({ public: 'plain', internal: 'plain', personal: 'masked', sensitive: 'hidden' }),
  // Fills in forms; what stands in the libraries is not theirs to read, but for names that a form lets them look up.
  collector: everyLevel({ public: 'plain', internal: 'masked', personal: 'masked', sensitive: 'hidden' }),
  // Keeps watch and leads: no personal data but the masked.
  'duty-officer': everyLevel({ public: 'plain', internal: 'plain', personal: 'masked', sensitive: 'hidden' }),
  'field-officer': everyLevel({ public: 'plain', internal: 'masked', personal: 'masked', sensitive: 'hidden' }),
  // Keeps archives as closed packages: what stands in the libraries is not theirs to read.
  archivist: everyLevel({ public: 'plain', internal: 'masked', personal: 'masked', sensitive: 'hidden' }),
};

function everyLevel(row: Row): Record<Level, Row> {
  return { core: row, important: row, general: row };
}

const openness: Record<Visibility, number> = { hidden: 0, masked: 1, plain: 2 };

/**
 * How the principal sees a value: the most open answer of their roles; hidden without any role. A sensitive value is
 * never plain here: `Vault.reveal` is the only way to it and asks each time.
 */
export function visibility(
  principal: Pick<Principal, 'roles' | 'organisation' | 'purpose'>,
  guarded: Guarded,
): Visibility {
  let best: Visibility = 'hidden';
  for (const role of principal.roles) {
    const rule = protectionTable[role][guarded.level][guarded.protection];
    const answer = decide(rule, principal, guarded.owner);
    if (openness[answer] > openness[best]) best = answer;
  }
  return best;
}

function decide(rule: Rule, principal: Pick<Principal, 'organisation' | 'purpose'>, owner: string): Visibility {
  if (rule === 'with-purpose') return principal.purpose ? 'plain' : 'masked';
  if (rule === 'own-with-purpose') {
    return principal.purpose && principal.organisation === owner ? 'plain' : 'masked';
  }
  return rule;
}

/** What stands where something is hidden. */
export const veil = VEIL;

/**
 * A value made unrecognisable but still useful for telling records apart. What each format leaves:
 * person-name the first character; citizen-id (15 or 18 places) the first six and last two; phone the first three and
 * last four of a mobile number, area code and last two of a fixed line; account the first and last four of at least
 * twelve; document-number the first and last two of at least eight; address everything up to the road (or the village
 * or street office when no road is named); email the first character and the domain; postcode the first two digits.
 * Anything else, a token of the vault among it (its mask comes from `Vault.masks`), becomes `***`, and so does a text with characters
 * beyond those of folding.ts. Blank stays blank. The engine's spelling of the same is `maskSql`.
 */
export function mask(format: string | undefined, value: string): string {
  const text = fold(value);
  if (text === '') return '';
  if (text === null || isToken(text)) return veil;
  switch (format) {
    case 'person-name':
      return maskName(text);
    case 'citizen-id':
      return /^(\d{17}[\dXx]|\d{15})$/.test(text) ? middle(text, 6, 2) : veil;
    case 'phone':
      return maskPhone(text);
    case 'account':
      return /^[0-9A-Za-z]{12,}$/.test(text.replace(/[ -]/g, '')) ? middle(text.replace(/[ -]/g, ''), 4, 4) : veil;
    case 'document-number':
      return [...text].length >= 8 ? middle(text, 2, 2) : veil;
    case 'address':
      return maskAddress(text);
    case 'email':
      return maskEmail(text);
    case 'postcode':
      return /^\d{6}$/.test(text) ? `${text.slice(0, 2)}****` : veil;
    default:
      return veil;
  }
}

/** Whether a text is a token of the vault (see platform/vault). */
export function isToken(text: string): boolean {
  return /^[cpb]~[a-z2-7]{26}$/.test(text);
}

function middle(text: string, head: number, tail: number): string {
  const characters = [...text];
  const hidden = characters.length - head - tail;
  return characters.slice(0, head).join('') + '*'.repeat(hidden) + characters.slice(-tail).join('');
}

function maskName(text: string): string {
  const characters = [...text];
  return characters.length < 2 ? '**' : `${characters[0]}**`;
}

function maskPhone(text: string): string {
  const digits = text.replace(/[ ()-]/g, '').replace(/^(\+?86)(?=1\d{10}$)/, '');
  if (/^1\d{10}$/.test(digits)) return `${digits.slice(0, 3)}****${digits.slice(7)}`;
  const fixed = /^(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})$/.exec(digits);
  if (fixed) return `${fixed[1]}-${'*'.repeat(fixed[2]!.length - 2)}${fixed[2]!.slice(-2)}`;
  return /^\d{7,8}$/.test(digits) ? '*'.repeat(digits.length - 2) + digits.slice(-2) : veil;
}

/** Road words; 街道 is a street office (a kind of town), not a road. */
const road = /大道|路|街(?!道)|巷|胡同|弄(?=\d|$)/;
const locality = /^.*?(?:村|社区|街道|镇|乡)/;

function maskAddress(text: string): string {
  const found = road.exec(text);
  // A word at the very start names no road; it would leave the whole rest to chance.
  if (found && found.index > 0) return text.slice(0, found.index + found[0].length) + veil;
  const area = locality.exec(text);
  return area ? area[0] + veil : veil;
}

function maskEmail(text: string): string {
  const at = text.lastIndexOf('@');
  const before = [...text.slice(0, Math.max(at, 0))];
  return before.length < 2 || at === text.length - 1 ? veil : `${before[0]}${veil}${text.slice(at)}`;
}
