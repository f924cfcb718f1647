/** The published test vectors, where they stand beside the checkout; tests that need them are left out where they do not, but for CI. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type * as Library from './index.ts';

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

/** The rows of the manifest: those that can be judged without a server, or those that ask one (`offline: false`). */
export function vectors(offline = true): Vector[] {
  if (!vectorsWanted) return [];
  const [head = '', ...lines] = readFileSync(new URL('manifest.csv', folder), 'utf8').trim().split(/\r?\n/);
  const names = cells(head);
  return lines
    .map((line) => Object.fromEntries(cells(line).map((value, i) => [names[i]!, value])) as Vector)
    .filter((row) => (row.offline === 'True') === offline);
}

/** Bytes of a file of the vectors. */
export const vectorBytes = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)));

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex').toUpperCase();
const policies = new Set<string>(['internal', 'key', 'publicationsFile', 'userPublication', 'calendar']);

/**
 * What a build of the library makes of a row, in the manifest's words; `roots` where the row's expected roots differ from the computed ones.
 * `extender` answers where the row has no recorded answer.
 */
export async function judge(
  row: Vector,
  library: typeof Library,
  extender?: Library.Extender,
): Promise<{ outcome: string; code: string; roots?: unknown }> {
  const { KeylessError, PDU, readPdu, readPublicationString, readPublicationsFile, readSignature, verify } = library;
  try {
    const bytes = vectorBytes(row.file);
    if (row.kind === 'publications-file') {
      readPublicationsFile(bytes);
      return { outcome: 'ok', code: '' };
    }
    const signature = readSignature(bytes);
    if (!policies.has(row.policy)) return { outcome: 'ok', code: '' };
    const trust: Library.Trust = { level: Number(row.input_level || 0), extendingPermitted: row.extending === 'True' };
    if (row.input_hash) trust.hash = Uint8Array.from(Buffer.from(row.input_hash, 'hex'));
    if (row.publications_file) trust.publicationsFile = readPublicationsFile(vectorBytes(row.publications_file));
    if (row.pub_string) trust.userPublication = readPublicationString(row.pub_string);
    if (extender) trust.extender = extender;
    if (row.extender_response) {
      trust.extendingPermitted = true;
      const secret = () => new TextEncoder().encode('anon');
      const pdu = readPdu(vectorBytes(row.extender_response), [PDU.extensionResponse], secret, 1);
      trust.extender = () => pdu.extensionResponses[0]!.chain!;
    }
    const verdict = await verify(signature, row.policy as Library.Policy, trust);
    if (verdict.outcome !== 'ok')
      return { outcome: verdict.outcome === 'failed' ? 'error' : verdict.outcome, code: verdict.code };
    const { aggregationRoot, calendarRoot } = library.verifyInternal(signature);
    const expected = [row.aggr_root, calendarRoot && row.cal_root];
    const roots = [hex(aggregationRoot), hex(calendarRoot)];
    const differ = expected.some((root, i) => root && root !== roots[i]);
    return { outcome: 'ok', code: '', ...(differ ? { roots } : {}) };
  } catch (error) {
    if (!(error instanceof KeylessError)) throw error;
    return { outcome: 'parse_error', code: '' };
  }
}

/** The rows that a build of the library does not judge as expected; rows on which implementations differ are not sided with. */
export async function misjudged(rows: readonly Vector[], library: typeof Library, extender?: Library.Extender) {
  const wrong: unknown[] = [];
  for (const row of rows.filter((r) => r.kind !== 'pdu-response' && !r.variance)) {
    const got = await judge(row, library, extender);
    // What every implementation reads although it looks malformed must be read; nothing is said of verifying it.
    const outcome = row.outcome === 'unspecified' ? got.outcome !== 'parse_error' : row.outcome === got.outcome;
    const code = row.outcome === 'parse_error' || !row.code || row.code === got.code;
    if (!outcome || !code || got.roots) wrong.push([row.file, row.policy, row.outcome, row.code, got]);
  }
  return wrong;
}

/** Answers as a server would that has the calendar chains of the pack's valid signatures, and no others. */
export function stubExtender({ readSignature }: typeof Library): Library.Extender {
  const valid = 'pack-2024/valid-signatures/';
  const chains = readdirSync(new URL(valid, folder))
    .filter((name) => name.endsWith('.ksig'))
    .flatMap((name) => readSignature(vectorBytes(valid + name)).calendar ?? [])
    .filter((chain) => ['1710452040', '1711365147'].includes(String(chain.aggregationTime)));
  return (from, to) => {
    const chain = chains.find((c) => c.aggregationTime === from && (to === undefined || c.publicationTime === to));
    if (!chain) throw new Error('no such chain');
    return chain;
  };
}
