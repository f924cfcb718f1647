/**
 * One person's look at data: every value passes here and comes out plain, masked or hidden. Numbers of the vault are
 * masked in one call at the end, and what was seen of personal data is written to the audit before it is answered.
 */

import type { Principal } from '../platform/auth/principal.ts';
import { type Guarded, mask, type Visibility, visibility } from '../platform/auth/protection.ts';
import { Problem, type ProblemKind } from '../platform/problem.ts';
import type { AuditPort, VaultPort } from '../platform/room.ts';
import type { Cell } from './api.ts';
import { purposeNeeded } from './problems.ts';

const TOKEN = /^[cpb]~[a-z2-7]{26}$/;
/** Marks a value that could not be cleaned: the source's own text follows. */
export const FLAG = '\u0018';

/** What a look needs: who, for what, and whether masked will do. */
export interface Look {
  principal: Principal;
  purpose: string | null;
  /** When. */
  at: Date;
  /** True when personal data is wanted plain: a missing purpose is then refused instead of masked. */
  plain: boolean;
}

/** See the head of this file. One viewer serves one request. */
export class Viewer {
  readonly look: Look;
  readonly #vault: Pick<VaultPort, 'masks'>;
  readonly #audit: AuditPort;
  readonly #who: Pick<Principal, 'roles' | 'organisation' | 'purpose'>;
  #tokens: { cell: Cell; token: string }[] = [];
  #personal = 0;

  constructor(look: Look, ports: { vault: Pick<VaultPort, 'masks'>; audit: AuditPort }) {
    this.look = look;
    this.#vault = ports.vault;
    this.#audit = ports.audit;
    this.#who = {
      roles: look.principal.roles,
      organisation: look.principal.organisation,
      purpose: look.purpose ?? look.principal.purpose,
    };
  }

  /** The purpose that counts: of the request, else of the session. */
  get purpose(): string | null {
    return this.#who.purpose;
  }

  /** How many personal values were shown plain so far. */
  get personal(): number {
    return this.#personal;
  }

  /** How something is seen; refuses when it is wanted plain and only the purpose is missing. */
  see(guarded: Guarded): Visibility {
    const seen = visibility(this.#who, guarded);
    if (this.look.plain && seen === 'masked' && !this.#who.purpose) {
      if (visibility({ ...this.#who, purpose: '-' }, guarded) === 'plain') throw new Problem(purposeNeeded);
    }
    return seen;
  }

  /** A value as this person sees it. `value` may carry the mark of an uncleaned one. */
  cell(guarded: Guarded, format: string | null | undefined, value: string | null): Cell {
    if (value === null || value === '') return { value: null, shown: 'plain' };
    const flagged = value.startsWith(FLAG);
    const text = flagged ? value.slice(FLAG.length) : value;
    const seen = this.see(guarded);
    const cell: Cell = { value: null, shown: seen, ...(flagged ? { flagged } : {}) };
    if (seen === 'hidden') return cell;
    if (TOKEN.test(text)) {
      cell.shown = 'masked';
      if (this.look.principal.permissions.has('vault.reveal')) cell.token = text;
      this.#tokens.push({ cell, token: text });
      return cell;
    }
    if (seen === 'masked' || guarded.protection === 'sensitive') {
      cell.shown = 'masked';
      cell.value = mask(format ?? undefined, text);
      return cell;
    }
    if (guarded.protection === 'personal') this.#personal += 1;
    cell.value = text;
    return cell;
  }

  /** Fills in the masks of all numbers met so far. */
  async settle(): Promise<void> {
    const waiting = this.#tokens;
    this.#tokens = [];
    if (waiting.length === 0) return;
    const masks = await this.#vault.masks([...new Set(waiting.map((w) => w.token))]);
    for (const { cell, token } of waiting) cell.value = masks.get(token) ?? '***';
  }

  /** Settles, and writes the look to the audit when personal data was shown plain. */
  async finish(action: string, object: string, detail: Record<string, unknown> = {}): Promise<void> {
    await this.settle();
    if (this.#personal > 0) await this.record(action, object, { ...detail, personal: this.#personal });
  }

  /** Writes an entry to the audit in any case. */
  async record(
    action: string,
    object: string,
    detail: Record<string, unknown> = {},
    outcome: 'ok' | 'refused' | 'failed' = 'ok',
  ): Promise<void> {
    await this.#audit.append({
      actor: this.look.principal,
      action,
      object,
      ...(this.purpose ? { purpose: this.purpose } : {}),
      outcome,
      detail,
    });
  }

  /** Refuses a look at natural persons that lacks the permission or the purpose; the refusal is audited. */
  async requirePerson(object: string, forbidden: ProblemKind): Promise<void> {
    const allowed = this.look.principal.permissions.has('person.read');
    if (allowed && this.purpose) return;
    await this.record('credit.person', object, { reason: allowed ? 'no purpose' : 'no permission' }, 'refused');
    throw new Problem(allowed ? purposeNeeded : forbidden);
  }
}

/** The viewer of one request. `plain`: personal data is wanted plain, so that a missing purpose is refused. */
export function viewerOf(
  ports: { vault: Pick<VaultPort, 'masks'>; audit: AuditPort },
  c: { principal: Principal; purpose?: string; clock: { now(): Date } },
  plain = false,
): Viewer {
  return new Viewer({ principal: c.principal, purpose: c.purpose ?? null, at: c.clock.now(), plain }, ports);
}
