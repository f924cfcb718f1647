import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aggregationRequest, extensionRequest, PDU, readPdu, writePdu } from '../format/pdu.ts';
import { originOf, readSignature, signingTime } from '../format/signature.ts';
import { readOnly, writeTlv } from '../format/tlv.ts';
import { integerBytes, stringBytes } from '../format/values.ts';
import { imprint } from '../hash/imprint.ts';
import { writeSignature } from '../sign/write.ts';
import { verifyInternal } from '../verify/internal.ts';
import { AggregatorClient, ExtenderClient, parentClient } from './clients.ts';
import { type Client, defaultLimits } from './options.ts';
import { Protocol } from './protocol.ts';
import { openService } from './testing.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const document = (name: string, algorithm = 1) => imprint(algorithm, bytes(name));
const START = 1_790_000_000n;
const table: Record<string, Client> = {
  shuiwu: { key: bytes('secret'), organisation: '税务局' },
  sm3: { key: bytes('国密'), organisation: '保密局', algorithm: 11 },
  few: { key: bytes('few'), organisation: '配额', perSecond: 2 },
  gone: { key: bytes('gone'), organisation: '停用', disabled: true },
};
let opened: Awaited<ReturnType<typeof openService>>;
beforeAll(async () => {
  opened = await openService({
    clients: (login) => table[login],
    uris: ['http://localhost/keyless/aggregator'],
    limits: { maxLevel: 20, maxPayloads: 10 },
  });
});
afterAll(() => opened.service.close());

/** Sends payloads as a login; answers what came back, its MAC verified. */
async function ask(
  type: 0x220 | 0x320,
  payloads: Uint8Array[],
  who: { login?: string; key?: Uint8Array; algorithm?: number } = {},
) {
  const { login = 'shuiwu', algorithm = 1 } = who;
  const key = who.key ?? table[login]?.key ?? bytes('?');
  const body = writePdu(type, { login, instance: 7n, message: 9n }, payloads, key, algorithm);
  return read(type, await send(type, body), key, algorithm);
}
async function send(type: number, body: Uint8Array) {
  const { service, nextSecond } = opened;
  const answer = type === 0x220 ? service.aggregatorAnswer(body) : service.extenderAnswer(body);
  await nextSecond();
  return answer;
}
const read = (type: number, answer: Uint8Array, key: Uint8Array = bytes('secret'), algorithm = 1) =>
  readPdu(answer, [type + 1], () => key, algorithm);
const status = (pdu: ReturnType<typeof read>) =>
  pdu.error?.status ?? pdu.aggregationResponses[0]?.status ?? pdu.extensionResponses[0]?.status;

describe('the aggregation protocol', () => {
  it('answers every request of a message by its number, with header and MAC as they were sent', async () => {
    const requests = [
      { id: 5n, hash: document('a'), level: 0 },
      { id: 2n ** 64n - 1n, hash: document('b', 11), level: 20 },
      { id: 6n, hash: document('c'), level: 21 },
    ];
    const pdu = await ask(PDU.aggregationRequest, [...requests.map(aggregationRequest), writeTlv(0x04, [])]);
    expect(pdu.header).toEqual({ login: 'shuiwu', instance: 7n, message: 9n });
    expect(pdu.aggregationResponses.map(({ id, status }) => [id, status])).toEqual([
      [5n, 0n],
      [2n ** 64n - 1n, 0n],
      [6n, 0x104n],
    ]);
    pdu.aggregationResponses.slice(0, 2).forEach(({ parts }, i) => {
      const signature = readSignature(writeSignature(parts.map((part) => part.bytes)));
      expect(verifyInternal(signature, requests[i]!).verdict).toEqual({ outcome: 'ok' });
      expect(originOf(signature)).toMatchObject([{ clientId: '税务局' }]);
    });
    expect(pdu.config).toEqual({
      maxLevel: 20n,
      algorithm: 1n,
      period: 1000n,
      maxRequests: 16_384n,
      parents: ['http://localhost/keyless/aggregator'],
    });
  });

  it('tells its configuration only when asked, and acknowledges', async () => {
    expect((await ask(0x220, [aggregationRequest({ id: 1n, hash: document('a'), level: 0 })])).config).toBeUndefined();
    const pdu = await ask(0x220, [writeTlv(0x05, [])]);
    expect([pdu.acknowledged, pdu.aggregationResponses]).toEqual([true, []]);
  });

  it('knows clients by login and MAC: an unknown one, a wrong key and a wrong algorithm are refused without a MAC', async () => {
    const request = [aggregationRequest({ id: 1n, hash: document('a'), level: 0 })];
    expect(status(await ask(0x220, request, { login: 'sm3', algorithm: 11 }))).toBe(0n);
    expect(status(await ask(0x220, request, { algorithm: 5 }))).toBe(0n);
    for (const who of [
      { login: 'nobody' },
      { key: bytes('wrong') },
      { login: 'sm3', algorithm: 1 },
      { login: 'gone' },
      { algorithm: 0 },
    ]) {
      const pdu = await ask(0x220, request, who);
      expect([status(pdu), pdu.header]).toEqual([0x102n, undefined]);
    }
  });

  it('makes no second leaf of a request that is sent again in its second', async () => {
    const { service, nextSecond } = opened;
    const before = service.status().signed;
    const body = writePdu(
      0x220,
      { login: 'shuiwu' },
      [aggregationRequest({ id: 1n, hash: document('r'), level: 0 })],
      bytes('secret'),
      1,
    );
    const waiting = [service.aggregatorAnswer(body), service.aggregatorAnswer(body)];
    expect(service.status().waiting).toBe(1);
    await nextSecond();
    const [one, other] = await Promise.all(waiting);
    expect(one).toEqual(other);
    expect(service.status().signed).toBe(before + 1);
  });

  it('answers as many requests of a message as its answer holds, and refuses the others so that they are asked again', async () => {
    const { service } = opened;
    const protocol = new Protocol(
      {
        now: 0,
        status: () => service.status(),
        enqueue: async ({ request }) =>
          writeTlv(0x800, writeTlv(0x801, new Uint8Array(request === 3n ? 40_000 : 20_000))),
        extension: (...times) => service.extension(...times),
      },
      { folder: '', clients: (login) => table[login] },
      defaultLimits,
    );
    const requests = [1n, 2n, 3n, 4n, 5n].map((id) => aggregationRequest({ id, hash: document(`${id}`), level: 0 }));
    const answer = await protocol.aggregation(writePdu(0x220, { login: 'shuiwu' }, requests, bytes('secret'), 1));
    const given = read(0x220, answer).aggregationResponses;
    expect(given.map(({ id, status }) => [id, status])).toEqual([
      [1n, 0n],
      [2n, 0n],
      [3n, 0x106n],
      [4n, 0n],
      [5n, 0x106n],
    ]);
  });

  it('holds a client to its quota of a second', async () => {
    const requests = [1n, 2n, 3n].map((id) => aggregationRequest({ id, hash: document(`${id}`), level: 0 }));
    const pdu = await ask(0x220, requests, { login: 'few' });
    expect(pdu.aggregationResponses.map(({ status }) => status)).toEqual([0n, 0n, 0x105n]);
    expect(status(await ask(0x220, requests.slice(0, 1), { login: 'few' }))).toBe(0n);
  });

  it('refuses what is no message, and by whom it knows what is no request', async () => {
    const unknown = async (body: Uint8Array) => {
      const pdu = read(0x220, await send(0x220, body));
      expect(pdu.header).toBeUndefined();
      return status(pdu);
    };
    const good = writePdu(
      0x220,
      { login: 'shuiwu' },
      [aggregationRequest({ id: 1n, hash: document('a'), level: 0 })],
      bytes('secret'),
      1,
    );
    expect(await unknown(new Uint8Array())).toBe(0x101n);
    expect(await unknown(bytes('GET / HTTP/1.1'))).toBe(0x101n);
    expect(await unknown(good.subarray(0, good.length - 1))).toBe(0x101n);
    expect(await unknown(Uint8Array.from([...good, 0]))).toBe(0x101n);
    expect(await unknown(writeTlv(0x220, []))).toBe(0x101n);
    expect(await unknown(writeTlv(0x220, writeTlv(0x01, writeTlv(0x01, stringBytes('shuiwu')))))).toBe(0x101n);
    expect(await unknown(new Uint8Array((1 << 20) + 1))).toBe(0x107n);
    const tampered = good.slice();
    tampered[30]! ^= 1;
    expect(await unknown(tampered)).toBe(0x102n);

    const known = async (payloads: Uint8Array[], type: 0x220 | 0x320 = 0x220) => {
      const pdu = await ask(type, payloads);
      expect(pdu.header?.login).toBe('shuiwu');
      return status(pdu);
    };
    const id = writeTlv(0x01, integerBytes(1));
    expect(await known([])).toBe(0x101n);
    expect(await known([writeTlv(0x02, [id])])).toBe(0x103n);
    expect(await known([writeTlv(0x02, [id, writeTlv(0x02, Uint8Array.of(0x7e, 1))])])).toBe(0x103n);
    expect(await known([writeTlv(0x02, [id, writeTlv(0x02, document('a')), writeTlv(0x03, integerBytes(256))])])).toBe(
      0x103n,
    );
    expect(await known([writeTlv(0x1e, [])])).toBe(0x103n);
    expect(await known([aggregationRequest({ id: 1n, hash: document('a', 0), level: 0 })])).toBe(0x101n);
    expect(
      await known(
        Array.from({ length: 11 }, (_, i) => aggregationRequest({ id: BigInt(i), hash: document('a'), level: 0 })),
      ),
    ).toBe(0x106n);
    // Whatever is changed in a message, an answer comes that refuses it.
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const body = good.slice(0, i % 3 ? good.length : (i * 7) % good.length);
        body[(i * 31) % (body.length || 1)]! ^= 1 << (i % 8);
        for (const answer of [opened.service.aggregatorAnswer(body), opened.service.extenderAnswer(body)])
          expect(readOnly(await answer).tag % 2).toBe(1);
      }),
    );
    // A request of the other protocol, whose MAC is right.
    const other = writePdu(0x320, { login: 'shuiwu' }, [writeTlv(0x04, [])], bytes('secret'), 1);
    expect(status(read(0x220, await send(0x220, other)))).toBe(0x101n);
  });
});

describe('the extension protocol', () => {
  const extend = (aggregationTime: bigint, publicationTime?: bigint) =>
    ask(0x320, [
      extensionRequest({ id: 3n, aggregationTime, ...(publicationTime === undefined ? {} : { publicationTime }) }),
    ]);

  it('answers with the chain and the newest second, to a publication and to the newest root', async () => {
    await ask(0x220, [aggregationRequest({ id: 1n, hash: document('a'), level: 0 })]);
    const { first, last } = opened.service.status();
    const pdu = await extend(first!, last!);
    expect(pdu.extensionResponses[0]).toMatchObject({ id: 3n, status: 0n, calendarLast: last });
    expect(pdu.extensionResponses[0]!.chain).toMatchObject({ aggregationTime: first, publicationTime: last });
    expect((await extend(first!)).extensionResponses[0]!.chain?.publicationTime).toBe(last);
    const asked = await ask(0x320, [writeTlv(0x04, [])]);
    expect(asked.config).toMatchObject({ calendarFirst: first, calendarLast: last });
  });

  it('refuses times that its calendar has not, by their numbers', async () => {
    const { last } = opened.service.status();
    expect(status(await extend(last!, last! - 1n))).toBe(0x104n);
    expect(status(await extend(START - 100n, last!))).toBe(0x105n);
    expect(status(await extend(last!, last! + 1n))).toBe(0x106n);
    expect(status(await extend(2n ** 63n))).toBe(0x107n);
    expect(status(await extend(last!, 2n ** 64n - 1n))).toBe(0x107n);
  });
});

describe('clients over HTTP', () => {
  const web = (change: (answer: Uint8Array) => Uint8Array | Response = (answer) => answer): typeof fetch =>
    (async (url: string, init: RequestInit) => {
      const answer = change(await send(String(url).endsWith('extender') ? 0x320 : 0x220, init.body as Uint8Array));
      return answer instanceof Response ? answer : new Response(new Uint8Array(answer));
    }) as unknown as typeof fetch;
  const options = (change?: Parameters<typeof web>[0]) => ({
    login: 'shuiwu',
    key: bytes('secret'),
    fetch: web(change),
  });
  const aggregator = (change?: Parameters<typeof web>[0]) =>
    new AggregatorClient({ ...options(change), url: 'http://localhost/aggregator' });
  const extender = (change?: Parameters<typeof web>[0]) =>
    new ExtenderClient({ ...options(change), url: 'http://localhost/extender' });

  it('sign, extend and ask for the configuration', async () => {
    const hash = document('a');
    const signature = readSignature(await aggregator().sign(hash, { level: 4 }));
    expect(verifyInternal(signature, { hash, level: 4 }).verdict).toEqual({ outcome: 'ok' });
    const { time, root } = opened.service.publish(signingTime(signature));
    const publication = { time, hash: root };
    const extended = readSignature(await extender().extendSignature(signature, publication));
    expect(verifyInternal(extended, { hash }).verdict).toEqual({ outcome: 'ok' });
    expect(extended.publication?.data.time).toBe(publication.time);
    await expect(
      extender().extendSignature(signature, { ...publication, hash: document('other') }),
    ).rejects.toMatchObject({ code: 'keyless.extend.mismatch' });
    expect((await aggregator().config()).maxLevel).toBe(20n);
    expect((await extender().config()).calendarLast).toBe(opened.service.status().last);
    const parent = parentClient(aggregator(), extender());
    expect(readOnly((await parent.extend(publication.time)).chain).tag).toBe(0x802);
  });

  it('believe no answer that is not to be trusted, and say what failed', async () => {
    const sign = (change: Parameters<typeof web>[0]) => aggregator(change).sign(document('a'));
    const flipped = (answer: Uint8Array) => {
      const out = answer.slice();
      out[out.length >> 1]! ^= 1;
      return out;
    };
    await expect(sign(flipped)).rejects.toMatchObject({ status: 0x300, code: 'keyless.upstream' });
    await expect(sign(() => new Response('', { status: 502 }))).rejects.toThrow('HTTP 502');
    await expect(sign(() => new Response(new Uint8Array(70_000)))).rejects.toThrow('too long');
    const wrongRequest = writePdu(0x221, { login: 'shuiwu' }, [], bytes('secret'), 1);
    await expect(sign(() => wrongRequest)).rejects.toMatchObject({ status: 0x300, code: 'keyless.pdu.no-answer' });
    await expect(aggregator().sign(document('a'), { level: 30 })).rejects.toThrow('0x104');
    await expect(
      new AggregatorClient({ ...options(), url: 'http://localhost/aggregator', key: bytes('x') }).sign(document('a')),
    ).rejects.toThrow('0x102');
    // A server that answers with somebody else's signature.
    let kept: Uint8Array | undefined;
    const client = aggregator((answer) => {
      const parts = read(0x220, answer).aggregationResponses[0]!;
      kept ??= writeSignature(parts.parts.map((part) => part.bytes));
      const payload = writeTlv(0x02, [
        writeTlv(0x01, integerBytes(parts.id)),
        writeTlv(0x04, integerBytes(0)),
        kept.subarray(4),
      ]);
      return writePdu(0x221, { login: 'shuiwu' }, [payload], bytes('secret'), 1);
    });
    await client.sign(document('a'));
    await expect(client.sign(document('b'))).rejects.toThrow('GEN-01');
    const late = new AggregatorClient({
      ...options(),
      url: 'http://localhost/aggregator',
      timeoutMs: 5,
      fetch: ((_url: string, { signal }: RequestInit) =>
        new Promise((_, reject) => {
          signal!.addEventListener('abort', () => reject(signal!.reason));
        })) as unknown as typeof fetch,
    });
    await expect(late.sign(document('a'))).rejects.toMatchObject({ status: 0x301, code: 'keyless.upstream.timeout' });
  });
});
