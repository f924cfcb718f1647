/** Runs `rehearse-main.ts` on a restored folder: a process of its own, of low priority, that can be ended. */
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import type { Verified } from './platform/backup/index.ts';

/** Checks a restored data folder; what is wrong stands in the report. */
export async function verifyFolder(folder: string, config: Config, signal: AbortSignal): Promise<Verified> {
  const main = fileURLToPath(new URL('./rehearse-main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, folder], {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
  });
  try {
    if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A system that does not allow it.
  }
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err = (err + text).slice(-2000);
  });
  child.stdin.on('error', () => undefined);
  // It stays open: when this process is gone, however it ended, the other one sees its end.
  child.stdin.write(`${JSON.stringify(config)}\n`);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const line = out.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`the check of the restored folder ended with ${code}: ${err}`);
  return JSON.parse(line) as Verified;
}
