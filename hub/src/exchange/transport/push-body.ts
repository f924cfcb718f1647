/** A pushed body: kept on disk while it arrives, then turned into the lines that collecting takes over. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { Problem } from '../../platform/problem.ts';
import { itemsAt } from './json-text.ts';
import { LinesFile } from './lines.ts';
import { pushProblems } from './problems.ts';

/** How a body may be written. */
export type PushFormat = 'array' | 'lines';

const FORMATS: Record<string, PushFormat> = {
  'application/json': 'array',
  'application/x-ndjson': 'lines',
  'application/jsonl': 'lines',
};

/** The format that the request's headers name; any other, and any compression, is a Problem. */
export function formatOf(headers: Record<string, string | string[] | undefined>): PushFormat {
  const type = String(headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  const format = FORMATS[type];
  const packed = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';
  if (!format || packed) throw new Problem(pushProblems.media);
  return format;
}

/** Writes a body to a file as it comes; answers its SHA-256 in lower-case hexadecimal. */
export async function spool(body: AsyncIterable<Uint8Array>, path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/**
 * Answers the file of JSON lines that holds the batch: the body itself, or its array's items in `path`.lines. A batch
 * without rows or with more than `max` is a Problem, and so is a body that is not what it says.
 */
export async function linesOf(path: string, format: PushFormat, max: number): Promise<string> {
  if (format === 'lines') {
    const rows = await countLines(path);
    if (rows === 0) throw new Problem(pushProblems.empty);
    if (rows > max) throw new Problem(pushProblems.tooManyRows, { max });
    return path;
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch {
    throw new Problem(pushProblems.encoding);
  }
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    throw new Problem(pushProblems.notJson);
  }
  if (!Array.isArray(whole)) throw new Problem(pushProblems.notArray);
  if (whole.length === 0) throw new Problem(pushProblems.empty);
  if (whole.length > max) throw new Problem(pushProblems.tooManyRows, { max });
  whole = undefined;
  const lines = await LinesFile.create(`${path}.lines`);
  try {
    for (const item of itemsAt(text, '')!) {
      const pending = lines.add(item);
      if (pending) await pending;
    }
  } finally {
    await lines.close();
  }
  return lines.path;
}

/** Lines that hold more than spaces. */
async function countLines(path: string): Promise<number> {
  let rows = 0;
  let content = false;
  for await (const chunk of createReadStream(path)) {
    for (const byte of chunk as Buffer)
      if (byte === 10) {
        if (content) rows += 1;
        content = false;
      } else if (byte > 32) content = true;
  }
  return rows + (content ? 1 : 0);
}
