import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PDU, readPdu } from '@jingwei/keyless';
import { afterEach, expect, test } from 'vitest';
import { type ProtocolHost, protocolHandler } from './protocol.ts';
import { MOST_WAITING } from './signer.ts';

let server: Server | undefined;
afterEach(() => server?.close());

const heard: { protocol: string; body: Buffer }[] = [];
async function serve(over: Partial<ProtocolHost> = {}): Promise<string> {
  heard.length = 0;
  const message = async (protocol: string, body: Uint8Array) => {
    heard.push({ protocol, body: Buffer.from(body) });
    return Buffer.from('answered');
  };
  const handle = protocolHandler({ signer: { message, waiting: 0 }, signing: true, perSecond: 10, ...over });
  server = createServer((request, response) => {
    if (!handle(request, response)) response.writeHead(404).end('elsewhere');
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What an error message of the protocol says. */
async function refusal(answer: Response): Promise<{ status: bigint; message?: string }> {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/ksi-response']);
  const types = [PDU.aggregationResponse, PDU.extensionResponse];
  return readPdu(new Uint8Array(await answer.arrayBuffer()), types, () => undefined, 1).error!;
}
const post = (url: string, body: string | Uint8Array, type = 'application/ksi-request') =>
  fetch(url, { method: 'POST', body: body as never, headers: { 'content-type': type } });

test('a message is handed on as it came, whatever type it is said to be, and its answer goes back', async () => {
  const url = await serve();
  const answer = await post(`${url}/keyless/aggregator`, 'abc', 'application/x-www-form-urlencoded');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/ksi-response']);
  expect(await answer.text()).toBe('answered');
  // A question mark behind the address changes nothing.
  await post(`${url}/keyless/extender?x=1`, 'def');
  expect(heard.map((h) => [h.protocol, h.body.toString()])).toEqual([
    ['aggregator', 'abc'],
    ['extender', 'def'],
  ]);
});

test('other addresses and other methods are left to the routes', async () => {
  const url = await serve();
  expect((await fetch(`${url}/keyless/aggregator`)).status).toBe(404);
  expect((await post(`${url}/keyless/publications`, 'x')).status).toBe(404);
  expect(heard).toEqual([]);
});

test('whatever is wrong is answered as a message with status 200, and the service is not bothered', async () => {
  const waiting = { message: async () => new Uint8Array(), waiting: MOST_WAITING };
  const url = await serve();
  expect(await refusal(await post(`${url}/keyless/extender`, ''))).toMatchObject({ status: 0x101n });
  expect(await refusal(await post(`${url}/keyless/aggregator`, new Uint8Array(64 * 1024 + 1)))).toMatchObject({
    status: 0x107n,
  });
  expect(heard).toEqual([]);
  server!.close();
  expect(await refusal(await post(`${await serve({ signer: waiting })}/keyless/aggregator`, 'x'))).toMatchObject({
    status: 0x106n,
  });
  server!.close();
  expect(await refusal(await post(`${await serve({ signing: false })}/keyless/aggregator`, 'x'))).toMatchObject({
    status: 0x200n,
  });
  server!.close();
  const broken = { message: () => Promise.reject(new Error('gone')), waiting: 0 };
  expect(await refusal(await post(`${await serve({ signer: broken })}/keyless/aggregator`, 'x'))).toEqual({
    status: 0x200n,
    message: 'the service is not available',
  });
});

test('an address that sends too much in a second is refused until the next', async () => {
  let now = 5000;
  const url = await serve({ perSecond: 2, monotonic: () => now });
  const ask = () => post(`${url}/keyless/aggregator`, 'x');
  expect(await (await ask()).text()).toBe('answered');
  expect(await (await ask()).text()).toBe('answered');
  expect(await refusal(await ask())).toMatchObject({ status: 0x106n });
  now = 6000;
  expect(await (await ask()).text()).toBe('answered');
});

test('a sender who goes away in the middle of a message leaves nothing behind', async () => {
  const url = await serve();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST /keyless/aggregator HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc');
  const closed = new Promise((resolve) => server!.once('connection', (s) => s.once('close', resolve)));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
  await closed;
  expect(heard).toEqual([]);
  expect(await (await post(`${url}/keyless/aggregator`, 'x')).text()).toBe('answered');
});
