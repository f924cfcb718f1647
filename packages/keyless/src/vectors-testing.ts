/** The published test vectors, where they stand beside the checkout; tests that need them are left out where they do not, but for CI. */
import { existsSync, readFileSync } from 'node:fs';

const folder = new URL('../../../../shared/data/keyless/', import.meta.url);

/** Whether the vectors must be run: they are there, or must be. */
export const vectorsWanted = existsSync(folder) || process.env.CI === 'true';

/** One row of the manifest: columns by name. */
export type Vector = Record<string, string> & { file: string; policy: string; outcome: string; code: string };

function cells(line: string): string[] {
  const out: string[] = [];
  let cell = '';
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      out.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...out, cell];
}

/** The rows of the manifest that can be judged without a server. */
export function vectors(): Vector[] {
  if (!vectorsWanted) return [];
  const [head = '', ...lines] = readFileSync(new URL('manifest.csv', folder), 'utf8').trim().split(/\r?\n/);
  const names = cells(head);
  return lines
    .map((line) => Object.fromEntries(cells(line).map((value, i) => [names[i]!, value])) as Vector)
    .filter((row) => row.offline === 'True');
}

/** Bytes of a file of the vectors. */
export const vectorBytes = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)));
