/**
 * What is computed for values that the vault does not know yet: notes, token of the normal form, sealing. Pure, so that
 * it runs alike on the main thread (few values) and on a thread of its own (many).
 */
import type { TokenKind } from '../room.ts';
import { note } from './normal.ts';
import { Sealer } from './sealer.ts';
import { TOKEN_LENGTH, Tokenizer } from './token.ts';

/** Keys that an intake works with. */
export interface IntakeKeys {
  token: Uint8Array;
  seal: Uint8Array;
}

/** Values to take in, with their tokens: as lists, or as one text with a line a value, token and original joined. */
export type Batch = { originals: string[]; tokens: string[] } | { lines: string; count: number };

/** A batch of one kind. */
export interface IntakeRequest {
  kind: TokenKind;
  batch: Batch;
}

/**
 * Columns of the vault's table, each a text with one line a value. No line can hold a line end. What nearly every value
 * has is left empty: the token as its own norm, `ok` as its check.
 */
export interface IntakeColumns {
  tokens: string;
  norms: string;
  masks: string;
  checks: string;
  ciphertexts: string;
  salts: string;
}

/** Takes values in under given keys. */
export class Intake {
  readonly #tokenizer: Tokenizer;
  readonly #sealer: Sealer;

  constructor(keys: IntakeKeys) {
    this.#tokenizer = new Tokenizer(keys.token);
    this.#sealer = new Sealer(keys.seal);
  }

  run({ kind, batch }: IntakeRequest): IntakeColumns {
    const { originals, tokens } = 'lines' in batch ? splitLines(batch.lines) : batch;
    const norms: string[] = [];
    const masks: string[] = [];
    const checks: string[] = [];
    for (let i = 0; i < originals.length; i++) {
      const original = originals[i]!;
      const { normal, mask, check } = note(kind, original);
      norms.push(normal === original ? '' : this.#tokenizer.token(kind, normal));
      masks.push(mask);
      checks.push(check === 'ok' ? '' : check);
    }
    return {
      ...this.#sealer.seal(tokens, originals),
      tokens: tokens.join('\n'),
      norms: norms.join('\n'),
      masks: masks.join('\n'),
      checks: checks.join('\n'),
    };
  }
}

function splitLines(lines: string): { originals: string[]; tokens: string[] } {
  const all = lines.split('\n');
  return {
    originals: all.map((line) => line.slice(TOKEN_LENGTH)),
    tokens: all.map((line) => line.slice(0, TOKEN_LENGTH)),
  };
}
