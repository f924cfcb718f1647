/**
 * The signing thread: owns calendar, rounds and the authority's keys. Started by signer.ts; speaks in messages only. What is signed is on disk before
 * it is answered.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { KeylessError, readSignature, signingTime, verifyInternal } from '@jingwei/keyless';
import type { Client, SigningService } from '@jingwei/keyless/service';
import { algorithmNumber } from './algorithm.ts';
import { type OpenedService, openService } from './service.ts';
import type {
  FromSigner,
  SignerCalls,
  SignerClient,
  SignerFault,
  SignerSetup,
  SignerStatus,
  ToSigner,
} from './signer.ts';

const setup = workerData as SignerSetup;
const port = parentPort!;

/** The hub's time: the machine's, or what the main thread has told last. */
let told = setup.time;
const now = (): number => told ?? Date.now();

let clients = new Map<string, Client>();
const know = (list: readonly SignerClient[]): void => {
  clients = new Map(
    list.map((client) => [
      client.login,
      {
        key: client.key,
        algorithm: algorithmNumber(client.algorithm),
        organisation: client.organisation ?? client.login,
        perSecond: client.perSecond,
        disabled: client.disabled,
      },
    ]),
  );
};
know(setup.clients);

const begin = (): Promise<OpenedService> =>
  openService(setup, {
    now,
    clients: (login) => clients.get(login),
    onAlarm: (alarm) => {
      const told = alarm ? { code: alarm.code, zh: alarm.zh, en: alarm.en } : null;
      port.postMessage({ alarm: told } satisfies FromSigner);
    },
  });
let opened: Promise<OpenedService> | undefined;
/** Milliseconds of the machine before which a service that could not be opened is not tried again. */
let notBefore = 0;

/** The service, opened when it is first asked for; a disk that refused it is asked once more with a later question. */
function own(): Promise<OpenedService> {
  if (opened) return opened;
  const attempt = performance.now() < notBefore ? Promise.reject(lastFault) : begin();
  opened = attempt;
  attempt.catch((error: unknown) => {
    if (performance.now() >= notBefore) notBefore = performance.now() + 1000;
    lastFault = error;
    opened = undefined;
  });
  return attempt;
}
let lastFault: unknown;
// Told with every call; nobody else waits for it.
own().catch(() => undefined);

const faultOf = (error: unknown): SignerFault =>
  error instanceof KeylessError
    ? { code: error.code, zh: error.zh, en: error.message }
    : { code: 'internal', zh: `内部错误：${(error as Error).message}`, en: (error as Error).message };

/** Signs one hash of the hub's own; a signature that does not verify never leaves. */
async function sign(service: SigningService, asked: Parameters<SignerCalls['sign']>[0][number]) {
  const { imprint, level, client, machine } = asked;
  try {
    const signature = await service.sign(imprint, { level, origin: { clientId: client, machineId: machine } });
    const { verdict } = verifyInternal(readSignature(signature), { hash: imprint, level });
    if (verdict.outcome !== 'ok')
      return { code: 'signer.verify', zh: '签名未通过自检', en: `the signature did not verify: ${verdict.code}` };
    return signature;
  } catch (error) {
    return faultOf(error);
  }
}

async function prolong({ service, anchors }: OpenedService, bytes: Uint8Array) {
  const signature = readSignature(bytes);
  const time = signingTime(signature);
  const publication = anchors.nearest(time);
  if (!publication) return null;
  const chain = await service.extend(time, publication.data.time);
  return { signature: anchors.extended(signature, chain, publication), time: Number(publication.data.time) };
}

type Handlers = {
  [K in keyof SignerCalls]: (own: OpenedService, argument: never) => Promise<ReturnType<SignerCalls[K]>>;
};

const handlers: Handlers = {
  sign: ({ service }, requests: Parameters<SignerCalls['sign']>[0]) =>
    Promise.all(requests.map((asked) => sign(service, asked))),
  extend: ({ service }, { from, to }: Parameters<SignerCalls['extend']>[0]) =>
    service.extend(BigInt(from), to === null ? undefined : BigInt(to)),
  async prolong(own, signatures: Parameters<SignerCalls['prolong']>[0]) {
    const out = [];
    for (const bytes of signatures) out.push(await prolong(own, bytes));
    return out;
  },
  publish: ({ service, anchors }) => anchors.publish(service),
  async anchors({ anchors }) {
    return { file: anchors.bytes, root: anchors.root, publications: anchors.published() };
  },
  async status({ service, anchors }): Promise<SignerStatus> {
    const status = service.status();
    const number = (time: bigint | undefined) => (time === undefined ? null : Number(time));
    return {
      first: number(status.first),
      last: number(status.last),
      seconds: status.seconds,
      requests: status.signed,
      refused: status.refused,
      waiting: status.waiting,
      alarm: status.alarm ? { code: status.alarm.code, zh: status.alarm.zh, en: status.alarm.en } : null,
      mended: service.found.filter((f) => f.mended).map((f) => f.en),
      publications: anchors.published().map((p) => p.time),
    };
  },
  async seconds({ service }, { before, limit }: Parameters<SignerCalls['seconds']>[0]) {
    const { calendar } = service;
    if (!calendar) return [];
    return calendar
      .list({ ...(before === null ? {} : { before: BigInt(before) }), limit })
      .map(({ time, root }) => ({ time: Number(time), root, calendarRoot: calendar.publish(time).root }));
  },
  async clients(_own, list: Parameters<SignerCalls['clients']>[0]) {
    know(list);
    return null;
  },
  async acceptClock({ service }) {
    service.acceptClock();
    return null;
  },
  async close({ service }) {
    await service.close();
    return null;
  },
};

async function call(id: number, name: keyof SignerCalls, argument: unknown): Promise<void> {
  try {
    const value = await handlers[name](await own(), argument as never);
    port.postMessage({ id, value } satisfies FromSigner);
  } catch (error) {
    port.postMessage({ id, fault: faultOf(error) } satisfies FromSigner);
  }
}

/** Answers of the same turn go back as one message. */
let answers: { id: number; bytes: Uint8Array }[] = [];

function answer(id: number, bytes: Uint8Array): void {
  if (answers.push({ id, bytes }) > 1) return;
  setImmediate(() => {
    const batch = answers;
    answers = [];
    const all = new Uint8Array(batch.reduce((n, a) => n + a.bytes.length, 0));
    const ids = new Uint32Array(batch.length);
    const ends = new Uint32Array(batch.length);
    let at = 0;
    for (const [i, { id: own, bytes: part }] of batch.entries()) {
      all.set(part, at);
      at += part.length;
      ids[i] = own;
      ends[i] = at;
    }
    port.postMessage({ ids, ends, bytes: all } satisfies FromSigner, [all.buffer]);
  });
}

async function messages({ first, kinds, ends, bytes }: Extract<ToSigner, { first: number }>): Promise<void> {
  const there = await own().catch(() => undefined);
  let from = 0;
  for (const [i, end] of ends.entries()) {
    const body = bytes.subarray(from, end);
    from = end;
    const id = first + i;
    if (!there) {
      answer(id, new Uint8Array());
      continue;
    }
    const { service } = there;
    const answered = kinds[i] === 0 ? service.aggregatorAnswer(body) : service.extenderAnswer(body);
    void answered.then((made) => answer(id, made));
  }
}

port.on('message', (message: ToSigner) => {
  if ('time' in message) told = message.time;
  else if ('call' in message) void call(message.id, message.call, message.argument);
  else void messages(message);
});
