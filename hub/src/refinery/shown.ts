/** What a person is shown of a value: protection decides by the field and its class, flags become a mark, tokens a mask. */
import type { SourceDeclaration, SourceField } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { isToken, mask, visibility } from '../platform/auth/protection.ts';
import type { AuditPort, VaultPort } from '../platform/room.ts';
import type { Cell } from './api.ts';

/** The marker of a value that could not be cleaned. */
const FLAGGED = '\x18';

/** Makes cells of values; masks of the vault's tokens are asked for together. */
export class Shower {
  readonly #principal: Principal;
  readonly #vault: Pick<VaultPort, 'masks'>;
  readonly #cells: { cell: Cell; token: string }[] = [];
  /** Personal values that were shown plain. */
  #personal = 0;

  constructor(principal: Principal, vault: Pick<VaultPort, 'masks'>) {
    this.#principal = principal;
    this.#vault = vault;
  }

  /** A cell for a value of a field as it stands in a payload or was received; null and '' are an empty plain cell. */
  cell(
    declaration: Pick<SourceDeclaration, 'level' | 'owner'>,
    field: Pick<SourceField, 'protection' | 'format'>,
    raw: string | null,
  ): Cell {
    if (raw === null || raw === '') return { value: null, shown: 'plain' };
    const isFlagged = raw.startsWith(FLAGGED);
    const value = isFlagged ? raw.slice(1) : raw;
    const more = isFlagged ? { flagged: true as const } : {};
    const seen = visibility(this.#principal, {
      level: declaration.level,
      owner: declaration.owner,
      protection: field.protection,
    });
    if (seen === 'hidden') return { value: null, shown: 'hidden', ...more };
    if (isToken(value)) {
      const cell: Cell = { value: null, shown: 'masked', token: value, ...more };
      this.#cells.push({ cell, token: value });
      return cell;
    }
    if (seen === 'masked') return { value: mask(field.format, value), shown: 'masked', ...more };
    if (field.protection === 'personal' || field.protection === 'sensitive') this.#personal += 1;
    return { value, shown: 'plain', ...more };
  }

  /**
   * Fills in the masks of tokens and, when personal values are shown plain, writes the look into the audit with its purpose;
   * call it once before answering. `object`: what is looked at.
   */
  async settle(audit: AuditPort, object: string): Promise<void> {
    if (this.#cells.length > 0) {
      const masks = await this.#vault.masks([...new Set(this.#cells.map((c) => c.token))]);
      for (const { cell, token } of this.#cells) cell.value = masks.get(token) ?? '***';
    }
    if (this.#personal === 0) return;
    await audit.append({
      actor: this.#principal,
      action: 'person.look',
      object,
      outcome: 'ok',
      ...(this.#principal.purpose ? { purpose: this.#principal.purpose } : {}),
      detail: { values: this.#personal },
    });
  }
}
