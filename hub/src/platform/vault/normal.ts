/**
 * What the vault notes beside a value when it takes it in, since nobody can compute it from the token later: its normal
 * form (so that differently written originals can be joined), a mask for display, and the outcome of its check.
 */
import { citizenId, mobile, phone, upgradeCitizenId } from '@jingwei/codes';
import { mask } from '../auth/protection.ts';
import type { TokenKind } from '../room.ts';

/** What stands beside a value. */
export interface Noted {
  /** The normal form: half width, without spaces, capital X, 18 characters for old 15-digit identity numbers. */
  normal: string;
  mask: string;
  /** `ok`, or what is wrong: a reason code of @jingwei/codes (`length`, `character`, `birth-date`, `check-digit` …). */
  check: string;
}

/** Notes about an original text. */
export function note(kind: TokenKind, original: string): Noted {
  if (kind === 'citizen-id') return noteCitizenId(original);
  if (kind === 'phone') return notePhone(original);
  return noteAccount(original);
}

/** The normal form alone: what a search by number is reduced to. */
export function normalForm(kind: TokenKind, original: string): string {
  return note(kind, original).normal;
}

function noteCitizenId(original: string): Noted {
  const text = citizenId.check(original) ? original : citizenId.normalise(original).value;
  const normal = upgradeCitizenId(text) ?? text;
  const check = citizenId.check(normal) ? 'ok' : firstFault(citizenId.explain(normal));
  return { normal, mask: mask('citizen-id', normal), check };
}

function notePhone(original: string): Noted {
  if (mobile.check(original)) return { normal: original, mask: mask('phone', original), check: 'ok' };
  const normal = phone.normalise(original).value;
  const check = phone.check(normal) ? 'ok' : firstFault(phone.explain(normal));
  return { normal, mask: mask('phone', normal), check };
}

/** Account numbers have no national form: 5 to 34 digits and letters (ISO 13616 sets the longest). */
function noteAccount(original: string): Noted {
  const normal = original.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
  const check =
    normal === '' ? 'empty' : !/^[0-9A-Z]*$/.test(normal) ? 'character' : /^.{5,34}$/.test(normal) ? 'ok' : 'length';
  return { normal, mask: mask('account', normal), check };
}

function firstFault(reasons: readonly { code: string; severity: string }[]): string {
  const fault = reasons.find((r) => r.severity === 'error');
  return fault ? fault.code.replace(/^codes\./, '') : 'ok';
}
