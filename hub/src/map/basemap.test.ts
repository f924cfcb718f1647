/** A map service (天地图) asked over HTTP as a city declares it, against a server that speaks WMTS as theirs does. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configSchema } from '../platform/config/index.ts';
import { CityMap } from './basemap.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
  'base64',
);
let server: Server;
let folder: string;
const asked: URL[] = [];

beforeAll(async () => {
  // WMTS 1.0.0 by key and value: a picture for the right key, an exception in XML for any other, as the real one answers.
  server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://tiles');
    asked.push(url);
    const q = (name: string) => url.searchParams.get(name);
    const right = q('SERVICE') === 'WMTS' && q('REQUEST') === 'GetTile' && q('VERSION') === '1.0.0';
    const tile = ['TILEMATRIX', 'TILEROW', 'TILECOL'].every((n) => /^\d+$/.test(q(n) ?? ''));
    if (!right || !tile || q('TILEMATRIXSET') !== 'w') response.writeHead(400).end();
    else if (q('tk') !== 'right')
      response.writeHead(403, { 'content-type': 'text/xml' }).end('<ExceptionReport>权限错误</ExceptionReport>');
    else response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  folder = mkdtempSync(join(tmpdir(), 'jingwei-basemap-'));
  mkdirSync(join(folder, 'cixi'));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The demonstration's own file, with the approval numbers that a city fills in and the server's address in place of theirs. */
function declare(approval: string | null): void {
  const { port } = server.address() as AddressInfo;
  const own = readFileSync(fileURLToPath(new URL('../../../cities/cixi/map.yaml', import.meta.url)), 'utf8');
  const [head, services] = own.split('\nservices:') as [string, string];
  const filled = services
    .replaceAll('https://t0.tianditu.gov.cn', `http://127.0.0.1:${port}`)
    .replaceAll('approval: null', `approval: ${approval === null ? 'null' : `'${approval}'`}`);
  writeFileSync(join(folder, 'cixi', 'map.yaml'), `${head}\nservices:${filled}`);
}
const mapWith = (token: string | null): CityMap => {
  const secrets = token ? { tianditu: { kind: 'bearer' as const, token } } : {};
  const { city } = configSchema.parse({ dataFolder: folder });
  return new CityMap(folder, { city, secrets });
};

test('a service is offered with its approval number and its key only; its tiles come through the hub and are kept', async () => {
  declare(null);
  expect(mapWith('right').services()).toEqual([]);
  declare('GS（2024）0650号');
  expect(mapWith(null).services()).toEqual([]);
  const map = mapWith('right');
  expect(map.services().map((s) => [s.id, s.approval])).toEqual([
    ['tianditu-vector', 'GS（2024）0650号'],
    ['tianditu-image', 'GS（2024）0650号'],
  ]);
  const tile = await map.tile('tianditu-image', 12, 3428, 1680);
  expect([tile.type, Buffer.from(tile.bytes)]).toEqual(['image/png', PNG]);
  const { pathname, searchParams: q } = asked.at(-1)!;
  expect([pathname, q.get('LAYER'), q.get('TILEMATRIX'), q.get('TILECOL'), q.get('TILEROW')]).toEqual([
    ...['/img_w/wmts', 'img', '12', '3428', '1680'],
  ]);
  const n = asked.length;
  await map.tile('tianditu-image', 12, 3428, 1680);
  expect(asked.length).toBe(n);
});

test('what the service refuses is told without its words or the key', async () => {
  declare('GS（2024）0650号');
  const failed = await mapWith('wrong')
    .tile('tianditu-vector', 3, 6, 3)
    .catch((e: Error) => e);
  expect(failed).toMatchObject({ kind: { status: 502 } });
  expect(JSON.stringify(failed)).not.toContain('wrong');
  await expect(mapWith('right').tile('nobody', 3, 6, 3)).rejects.toThrow('map.basemap-unknown');
});
