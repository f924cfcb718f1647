/** The virus scanner that is configured: a command that reads a file on its standard input and ends with 0 when it is clean. */
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Bilingual } from '../platform/i18n/index.ts';

/** Milliseconds that a scan of one file may take. */
const PATIENCE = 600_000;

/** Scans a content; undefined when it is clean, else what the scanner says. */
export async function scan(
  command: readonly string[],
  content: AsyncIterable<Uint8Array>,
): Promise<Bilingual | undefined> {
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], timeout: PATIENCE });
  const ended = new Promise<number | Error>((resolve) => {
    child.on('error', resolve);
    child.on('close', (code) => resolve(code ?? -1));
  });
  // A scanner that knows enough may close its input early.
  await pipeline(Readable.from(content, { objectMode: false }), child.stdin).catch(() => undefined);
  const outcome = await ended;
  if (outcome === 0) return undefined;
  if (outcome instanceof Error) return { zh: '扫描程序无法运行', en: 'the scanner cannot be run' };
  return { zh: `扫描程序报告异常（${outcome}）`, en: `the scanner objects (${outcome})` };
}
