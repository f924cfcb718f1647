/** Services that chain upward: department → city → province. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { originOf, readPublicationsFile, readSignature, verify } from '@jingwei/keyless';
import { afterAll, expect, test } from 'vitest';
import { protocolHandler } from './protocol.ts';
import { type OpenedService, openService } from './service.ts';
import type { SignerSetup } from './signer.ts';

const folder = mkdtempSync(join(tmpdir(), 'jingwei-chain-'));
let time = Date.parse('2026-11-21T01:00:00.500Z');
const servers: Server[] = [];
const opened: OpenedService[] = [];
afterAll(async () => {
  for (const { service } of opened) await service.close();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

const key = 'a key between hubs';

/** A service of its own folder, reached over HTTP as a hub's is. */
async function level(name: string, parent: SignerSetup['parent'], over: Partial<SignerSetup> = {}) {
  const setup: SignerSetup = {
    ...{ folder: join(folder, name), keys: join(folder, `${name}-keys`), algorithm: 'sha256', authority: 'ecdsa' },
    ...{ name, email: 'publications@jingwei.local', roundDays: 30, clients: [], parent, time },
    ...over,
  };
  mkdirSync(setup.folder, { recursive: true });
  const clients = (login: string) => ({ key: Buffer.from(key), algorithm: 1, organisation: login });
  const own = await openService(setup, { now: () => time, clients, later: () => () => undefined });
  opened.push(own);
  const message = (protocol: 'aggregator' | 'extender', body: Uint8Array) =>
    protocol === 'aggregator' ? own.service.aggregatorAnswer(body) : own.service.extenderAnswer(body);
  const handle = protocolHandler({ signer: { message, waiting: 0 }, signing: true, perSecond: 1000 });
  const server = createServer((request, response) => {
    if (!handle(request, response)) response.end(own.anchors.bytes);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const above: NonNullable<SignerSetup['parent']> = {
    ...{ url, login: '', key, algorithm: 'sha256', root: own.anchors.root, email: setup.email },
  };
  return { ...own, above };
}

/** Ends the second in which a request waits. */
async function endSecond(service: OpenedService['service']): Promise<void> {
  while (service.status().waiting === 0) await new Promise(setImmediate);
  time += 1000;
  void service.tick();
}

test("a department's signature goes by its city to the province, whose publication alone proves it", async () => {
  const province = await level('province', null);
  const city = await level('city', { ...province.above, login: 'cixi' });
  const department = await level('department', { ...city.above, login: 'scjg', root: province.above.root });
  expect(department.anchors.bytes).toEqual(province.anchors.bytes);
  const hash = new Uint8Array(33).fill(7, 1);
  hash[0] = 1;
  const signed = department.service.sign(hash, { origin: { clientId: 'window-1' } });
  for (const { service } of [department, city, province]) await endSecond(service);
  const signature = readSignature(await signed);
  const origin = originOf(signature).flatMap((o) => ('clientId' in o ? [o.clientId] : []));
  expect(origin).toEqual(['cixi', 'scjg', 'window-1']);
  const file = () => readPublicationsFile(department.anchors.bytes);
  expect(await verify(signature, 'default', { hash, publicationsFile: file() })).toEqual({ outcome: 'ok' });
  time += 1000;
  expect(await province.anchors.publish(province.service)).not.toBeNull();
  expect(await city.anchors.publish(city.service)).not.toBeNull();
  expect(await department.anchors.publish(department.service)).not.toBeNull();
  const { anchors, service } = department;
  const publication = anchors.nearest(signature.calendar!.aggregationTime)!;
  const chain = await service.extend(signature.calendar!.aggregationTime, publication.data.time);
  const extended = readSignature(anchors.extended(signature, chain, publication));
  const { time: at, hash: root } = publication.data;
  expect(await verify(extended, 'userPublication', { hash, userPublication: { time: at, hash: root } })).toEqual({
    outcome: 'ok',
  });
});

test('a publications file of another root is not believed, and lost keys are not made anew', async () => {
  const province = await level('other', null);
  const wrong = { ...province.above, root: opened[0]!.anchors.root, login: 'x' };
  await expect(level('city-2', wrong)).rejects.toMatchObject({ code: 'keyless.publications.untrusted' });
  await opened.pop()!.service.close();
  await expect(level('other', null, { keys: join(folder, 'empty') })).rejects.toMatchObject({
    code: 'keyless.authority.lost',
  });
});
