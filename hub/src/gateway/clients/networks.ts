/** Networks from which a client may come, and the address that a request really comes from. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { Problem } from '../../platform/problem.ts';
import { badNetwork } from '../problems.ts';

/** `10.1.0.0/16`, `192.0.2.7`, `2001:db8::/32` in one spelling; a Problem for anything else. */
export function networkOf(text: string): string {
  const [address = '', bits, more] = text.trim().toLowerCase().split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const width = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (!family || more !== undefined || width < 0 || width > most || address.includes('%'))
    throw new Problem(badNetwork, { text: text.slice(0, 60) }, { field: 'networks' });
  return `${address}/${width}`;
}

/** Networks as they are asked. */
export function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const [address, bits] = networkOf(text).split('/') as [string, string];
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

const plain = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

/** Whether an address is in a list. */
export function within(list: BlockList, address: string): boolean {
  const ip = plain(address);
  const family = isIP(ip);
  return family !== 0 && list.check(ip, family === 4 ? 'ipv4' : 'ipv6');
}

/** Reads the sender of a request as `http.trustProxy` says: what stands further left in X-Forwarded-For may have been written by anybody. */
export function addressReader(trustProxy: boolean | string): (request: IncomingMessage) => string {
  const proxies =
    typeof trustProxy === 'string'
      ? networkList(
          trustProxy
            .split(',')
            .map((t) => t.trim())
            .filter((t) => isIP(t.split('/')[0]!) !== 0),
        )
      : null;
  return (request) => {
    const peer = plain(request.socket.remoteAddress ?? '');
    if (trustProxy === false) return peer;
    const header = request.headers['x-forwarded-for'];
    const chain = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((a) => plain(a.trim()));
    const hops = chain.filter((a) => a !== '');
    if (trustProxy === true) return hops.at(-1) ?? peer;
    let seen = peer;
    while (within(proxies!, seen) && hops.length) seen = hops.pop()!;
    return seen;
  };
}
