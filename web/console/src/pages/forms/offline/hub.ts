/** The hub as the phone's queue reaches it: every answer, and none, becomes an outcome of the queue; nothing is thrown. */
import { problemIn, urlOf } from '../../../api/client.ts';
import type { SyncAnswer } from '../shared/types.ts';
import type { KeptFile, Operation } from './model.ts';
import { type Outcome, outcomeOf, type QueueFault } from './queue.ts';

interface Reply<T> {
  outcome: Outcome;
  body: T | null;
}

/** Longer than this without an answer is no answer: a phone at the edge of the network otherwise hangs for minutes. */
const PATIENCE = 45_000;
/** One part of a file: small enough to arrive over a poor network, and what arrived need not be sent again. */
const PART = 256 * 1024;

async function ask<T>(method: string, url: string, body: BodyInit | null, type: string): Promise<Reply<T>> {
  let status = 0;
  let text = '';
  let retryAfter: number | undefined;
  try {
    const answer = await fetch(url, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body === null ? {} : { 'content-type': type }) },
      signal: AbortSignal.timeout(PATIENCE),
      ...(body === null ? {} : { body }),
    });
    text = await answer.text();
    status = answer.status;
    retryAfter = Number(answer.headers.get('retry-after')) || undefined;
  } catch {
    return { outcome: { kind: 'unreachable' }, body: null };
  }
  if (status >= 200 && status < 300) {
    try {
      return { outcome: { kind: 'kept' }, body: JSON.parse(text) as T };
    } catch {
      // A page of somebody else's between us and the hub (a hotel's network): not the hub's word.
      return { outcome: { kind: 'unreachable' }, body: null };
    }
  }
  const { code, title } = problemIn(text, status).body;
  return { outcome: outcomeOf(status, { code, zh: title.zh, en: title.en }, retryAfter), body: null };
}

const json = <T>(method: string, url: string, body: unknown) =>
  ask<T>(method, url, JSON.stringify(body), 'application/json');

interface FileState {
  received: number;
  state: 'open' | 'complete' | 'refused';
}

const refusedFile: QueueFault = {
  code: 'forms.file-refused',
  zh: '附件不符合要求，请更换后重新提交。',
  en: 'A file is not of a kind that is taken. Change it and hand the record in again.',
};

/** Sends a file from where the hub has it; `kept` when the hub has all of it. */
export async function sendFile(
  facts: KeptFile,
  content: ArrayBuffer,
  onPart: (bytes: number) => void,
): Promise<Outcome> {
  const { id, form, field, name, bytes, sha256 } = facts;
  let reply = await json<FileState>('POST', '/api/v1/forms/files', { id, form, field, name, bytes, sha256 });
  for (let guard = 0; guard < 2 + Math.ceil(bytes / PART) * 2; guard++) {
    if (reply.outcome.kind !== 'kept' || !reply.body) return reply.outcome;
    if (reply.body.state === 'complete') return { kind: 'kept' };
    if (reply.body.state === 'refused') return { kind: 'refused', fault: refusedFile };
    const offset = reply.body.received;
    onPart(offset);
    const part = content.slice(offset, Math.min(offset + PART, bytes));
    const url = urlOf('/api/v1/forms/files/{file}', { file: id }, { offset });
    reply = await ask<FileState>('PUT', url, part, 'application/octet-stream');
  }
  return { kind: 'busy', fault: refusedFile };
}

/** What the hub said of one operation. */
export type Result = SyncAnswer['results'][number];

/** Sends one operation; the hub does it at most once, by its key. */
export async function sendOperation(
  device: string,
  op: Operation,
): Promise<{ outcome: Outcome; result: Result | null }> {
  const common = { key: op.key, record: op.record, form: op.form, at: op.at, values: op.values, submit: true };
  const operation =
    op.kind === 'create'
      ? {
          kind: 'create' as const,
          ...common,
          version: op.version,
          ...(op.task === undefined ? {} : { task: op.task }),
          ...(op.target === undefined ? {} : { target: op.target }),
        }
      : {
          kind: 'change' as const,
          ...common,
          ...(op.base === null ? {} : { base: op.base }),
          ...(op.after ? { after: op.after } : {}),
        };
  const reply = await json<SyncAnswer>('POST', '/api/v1/forms/sync', {
    device,
    sentAt: new Date().toISOString(),
    operations: [operation],
  });
  if (reply.outcome.kind !== 'kept') return { outcome: reply.outcome, result: null };
  const result = reply.body?.results.find((one) => one.key === op.key) ?? null;
  return { outcome: result ? meant(result) : { kind: 'unreachable' }, result };
}

/** What the hub's word on an operation means for the queue. */
export function meant(result: Result): Outcome {
  const fault: QueueFault = {
    code: result.code ?? `forms.${result.outcome}`,
    zh: result.message?.zh ?? '',
    en: result.message?.en ?? '',
    ...(result.faults.length ? { fields: result.faults.map(({ at, zh, en }) => ({ at, zh, en })) } : {}),
  };
  switch (result.outcome) {
    case 'applied':
      return { kind: 'kept' };
    case 'conflict':
      return { kind: 'conflict', fault };
    case 'waiting':
      return { kind: 'busy', fault };
    default:
      // `kept`: the hub has it as a draft, but it was to be handed in and has faults: a person must mend it.
      return { kind: 'refused', fault };
  }
}
